#include "process/seccomp.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <memory>

namespace omakase::process {

namespace {

constexpr int kRefused[] = {
    // Name spaces and mounts.
    SCMP_SYS(mount), SCMP_SYS(umount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(setns),
    SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr), SCMP_SYS(open_by_handle_at), SCMP_SYS(quotactl), SCMP_SYS(swapon), SCMP_SYS(swapoff),
    // Code and eyes in the kernel.
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(syslog), SCMP_SYS(acct), SCMP_SYS(reboot),
    // Keys, which belong to the user and not to the sandbox.
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl)};

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

bool fill(scmp_filter_ctx filter) {
  const auto refuse = SCMP_ACT_ERRNO(EPERM);
  // Where the kernel runs programs of a second kind, these are bound by it too. Not known for every machine: then they are
  // killed.
  if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
    if (seccomp_arch_add(filter, SCMP_ARCH_X86) != 0 || seccomp_arch_add(filter, SCMP_ARCH_X32) != 0) return false;
  } else if (seccomp_arch_native() == SCMP_ARCH_AARCH64) {
    if (seccomp_arch_add(filter, SCMP_ARCH_ARM) != 0) return false;
  }
  for (const int call : kRefused) {
    if (seccomp_rule_add(filter, refuse, call, 0) != 0) return false;
  }
  constexpr scmp_datum_t kWord = 0xffffffffU;  // what the kernel looks at of an ioctl's number
  const scmp_arg_cmp new_user[] = {{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_NEWUSER, .datum_b = CLONE_NEWUSER}};
  const scmp_arg_cmp steal_input[] = {{.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = kWord, .datum_b = TIOCSTI}};
  const scmp_arg_cmp console[] = {{.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = kWord, .datum_b = TIOCLINUX}};
  return seccomp_rule_add_array(filter, refuse, SCMP_SYS(unshare), 1, new_user) == 0 &&
         seccomp_rule_add_array(filter, refuse, SCMP_SYS(clone), 1, new_user) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
         seccomp_rule_add_array(filter, refuse, SCMP_SYS(ioctl), 1, steal_input) == 0 &&
         seccomp_rule_add_array(filter, refuse, SCMP_SYS(ioctl), 1, console) == 0;
}

}  // namespace

base::Result<void> write_seccomp_filter(const Fd& file) {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), [](scmp_filter_ctx given) {
    if (given) seccomp_release(given);
  });
  if (filter && fill(filter.get()) && seccomp_export_bpf(filter.get(), file.get()) == 0) return {};
  return base::internal("The list of refused system calls cannot be made.");
}

}  // namespace omakase::process
