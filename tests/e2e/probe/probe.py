"""What an agent's shell can get at: run by the agent itself, inside its sandbox, as a hostile repository would have it.

    python3 probe.py JSON       JSON: where the things are that it should not reach (see probe.test.mjs)

Each attempt writes a line {"attempt": NAME, "got": TEXT} to probe.jsonl. TEXT is what it got hold of, "refused: WHY" when the
system said no, or "nothing". It judges nothing: the test knows what must not be got. Never to be run outside of a sandbox, which
it refuses. Standard library only.
"""

import ctypes
import glob
import http.client
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys

# As root outside of a sandbox many of these attempts would succeed.
with open("/proc/1/comm", encoding="utf8") as first:
    if first.read() != "bwrap\n":
        sys.exit("This runs inside an agent's sandbox only.")

AIM = json.loads(sys.argv[1])
LIBC = ctypes.CDLL(None, use_errno=True)
ATTEMPTS = []
LIMIT_SECONDS = 5
NUMBERS = {
    "x86_64": {"add_key": 248, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "init_module": 175},
    "aarch64": {"add_key": 217, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "init_module": 105},
}[os.uname().machine]


def attempt(function):
    ATTEMPTS.append(function)
    return function


def call(*arguments):
    """A function of libc or, with a number first, a system call; raises what it set errno to."""
    function = LIBC.syscall if isinstance(arguments[0], int) else getattr(LIBC, arguments[0])
    rest = arguments if isinstance(arguments[0], int) else arguments[1:]
    ctypes.set_errno(0)
    result = function(*rest)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def read(path, limit=4096):
    with open(path, "rb") as file:
        return file.read(limit).decode("latin1")


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT_SECONDS, stdin=subprocess.DEVNULL, check=False)
    said = (done.stdout + done.stderr).strip()
    return f"refused: {said or done.returncode}" if done.returncode else said


def of_every_process(name):
    texts = []
    for path in glob.glob(f"/proc/[0-9]*/{name}"):
        try:
            texts.append(read(path, 1 << 20).replace("\0", " "))
        except OSError:
            pass
    return " ".join(texts)


def connect(address, port):
    with socket.create_connection((address, port), LIMIT_SECONDS) as reached:
        return f"reached {reached.getpeername()[0]}"


def ask(url, method, path, headers=None, body=None):
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=LIMIT_SECONDS)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return f"{answer.status} {answer.read(4096).decode('latin1')} {answer.getheaders()}"


def relay(method, path, token=None, body=None, header="x-api-key"):
    headers = {"content-type": "application/json", **({header: token} if token else {})}
    return ask(os.environ["ANTHROPIC_BASE_URL"], method, path, headers, body)


# --- the key, where it could lie about

@attempt
def own_environment():
    return json.dumps(dict(os.environ))


@attempt
def environments_of_all_processes():
    return of_every_process("environ")


@attempt
def command_lines_of_all_processes():
    return of_every_process("cmdline")


@attempt
def first_process():
    return read("/proc/1/environ") + read("/proc/1/cmdline")


@attempt
def root_of_the_first_process():
    return " ".join(os.listdir(f"/proc/1/root{AIM['data']}"))


@attempt
def memory_of_every_process():
    """Of the agent itself, too. This program is told its halves only, and does not look into itself."""
    key = "".join(AIM["keysHalves"]).encode()
    budget = 1 << 30
    for path in glob.glob("/proc/[0-9]*/maps"):
        if path == f"/proc/{os.getpid()}/maps":
            continue
        try:
            ranges = [line.split()[0].split("-") for line in read(path, 1 << 22).splitlines() if " rw-p " in line]
            with open(path.replace("maps", "mem"), "rb") as memory:
                for start, end in ranges:
                    memory.seek(int(start, 16))
                    text = memory.read(min(int(end, 16) - int(start, 16), 1 << 26, budget))
                    budget -= len(text)
                    if key in text:
                        return f"{key.decode()} in {path}"
        except (OSError, ValueError, OverflowError):
            pass
    return f"nothing in {(1 << 30) - budget >> 20} MiB" if budget < 1 << 30 else "refused: no memory can be read"


@attempt
def memory_of_the_server():
    return read(f"/proc/{AIM['server']}/mem")


@attempt
def memory_of_the_runner():
    local = ctypes.create_string_buffer(64)
    vectors = [struct.pack("PN", ctypes.addressof(local), 64), struct.pack("PN", 0x400000, 64)]
    buffers = [ctypes.create_string_buffer(vector) for vector in vectors]
    call("process_vm_readv", AIM["runner"], buffers[0], 1, buffers[1], 1, 0)
    return local.raw.hex()


@attempt
def tracing_the_runner():
    call("ptrace", 16, AIM["runner"], None, None)  # PTRACE_ATTACH
    return "attached"


@attempt
def core_file_by_crashing():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    os.wait()
    return " ".join(glob.glob("core*") + glob.glob("/tmp/core*")) or "nothing"


# --- files

@attempt
def data_folder():
    return " ".join(os.listdir(AIM["data"]))


@attempt
def database():
    return read(f"{AIM['data']}/omakase.db")


@attempt
def runner_folder():
    return read(f"{AIM['runnerFolder']}/spec.json") + read(f"{AIM['runnerFolder']}/spool")


@attempt
def runner_socket():
    with socket.socket(socket.AF_UNIX) as reached:
        os.chdir(AIM["runnerFolder"])
        reached.connect("socket")
        return "reached"


@attempt
def other_project():
    return read(AIM["otherProject"])


@attempt
def ssh_key():
    return read(f"{AIM['home']}/.ssh/id_ed25519")


@attempt
def operators_home():
    return " ".join(os.listdir(AIM["home"]))


@attempt
def shell_history():
    return read(f"{AIM['home']}/.bash_history")


@attempt
def roots_home():
    return " ".join(os.listdir("/root")) or "nothing"


@attempt
def symlink_out_of_the_workspace():
    os.symlink(f"{AIM['home']}/.ssh/id_ed25519", "leak")
    return read("leak")


@attempt
def dotdot_out_of_the_workspace():
    return read("../../../omakase.db")


@attempt
def writing_outside():
    written = []
    places = ["/etc/x", "/usr/bin/x", "/x", "/dev/x", "/sys/x", "/run/x", "/var/x", f"{AIM['data']}/x", f"{AIM['home']}/x"]
    for place in places + [f"{os.environ['HOME']}/../x", f"{os.environ['HOME']}/../context/x"]:
        try:
            with open(place, "w", encoding="utf8") as file:
                file.write("x")
            written.append(place)
        except OSError:
            pass
    return " ".join(written) or "nothing"


@attempt
def settings_of_the_kernel():
    """Opened for writing, not written: as root some would take it."""
    opened = []
    for folder, folders, files in os.walk("/proc"):
        folders[:] = [name for name in folders if not (folder == "/proc" and name.isdigit())]
        for name in files:
            try:
                os.close(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_NONBLOCK))
                opened.append(os.path.join(folder, name))
            except OSError:
                pass
    return " ".join(opened) or "nothing"


@attempt
def passwords_of_the_machine():
    texts = []
    for path in ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", *glob.glob("/etc/ssh/ssh_host_*_key"), *glob.glob("/etc/ssl/private/*")]:
        try:
            texts.append(read(path))
        except OSError:
            pass
    return " ".join(texts) or "nothing"


@attempt
def devices():
    names = ["mem", "kmem", "port", "sda", "vda", "nvme0n1", "kvm", "fuse", "net/tun", "loop-control", "kmsg"]
    return " ".join(name for name in names if os.path.exists(f"/dev/{name}")) or "nothing"


# --- other processes and sockets

@attempt
def signal_to_the_server():
    os.kill(AIM["server"], signal.SIGTERM)
    return "sent"


@attempt
def signal_to_the_runner():
    os.kill(AIM["runner"], signal.SIGKILL)
    return "sent"


@attempt
def processes_of_the_machine():
    return read(f"/proc/{AIM['server']}/status")


@attempt
def socket_of_the_ssh_agent():
    if "SSH_AUTH_SOCK" in os.environ:
        return os.environ["SSH_AUTH_SOCK"]
    with socket.socket(socket.AF_UNIX) as reached:
        reached.connect(AIM["sshAgent"])
        return "reached"


@attempt
def abstract_socket():
    name = "\0" + AIM["abstractSocket"]
    for form in [name, name.ljust(108, "\0")]:  # some programs fill the whole address
        try:
            with socket.socket(socket.AF_UNIX) as reached:
                reached.connect(form)
                return "reached"
        except OSError as error:
            refusal = error
    raise refusal


@attempt
def docker_and_system_sockets():
    places = ["/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "/run/user"]
    return " ".join(place for place in places if os.path.exists(place)) or "nothing"


@attempt
def sockets_of_the_machine():
    return AIM["abstractSocket"] if AIM["abstractSocket"] in read("/proc/net/unix", 1 << 20) else "nothing"


# --- the network

@attempt
def page_of_the_server():
    return ask(AIM["page"], "GET", "/api/projects")


@attempt
def page_with_a_guessed_host():
    return ask(AIM["page"], "GET", "/readyz", {"Host": "127.0.0.1"})


@attempt
def service_on_loopback():
    return ask(AIM["service"], "GET", "/")


@attempt
def service_by_the_machines_address():
    return connect(AIM["address"], int(AIM["service"].split(":")[-1])) if AIM["address"] else "nothing"


@attempt
def service_by_the_gateway():
    return connect("10.0.2.2", int(AIM["service"].split(":")[-1]))


@attempt
def clouds_metadata():
    return connect("169.254.169.254", 80)


@attempt
def routes():
    return run("ip", "route", "replace", "169.254.169.254/32", "dev", "lo")


@attempt
def raw_packets():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    return "opened"


# --- the relay to the model

@attempt
def relay_without_token():
    return relay("POST", "/v1/messages", body="{}")


@attempt
def relay_with_a_guess():
    return relay("POST", "/v1/messages", token="practice", body="{}")


@attempt
def relay_to_other_routes():
    token = os.environ["ANTHROPIC_API_KEY"]
    paths = ["/v1/models", "/v1/files", "/v1/organizations/me", "/v1/messages/batches", "/v1/messages/../models", "/"]
    return " ".join(relay("POST", path, token, "{}").split()[0] for path in paths) + " " + relay("GET", "/v1/messages", token)


@attempt
def relay_echoing_headers():
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "echo the headers of this request"}]})
    return relay("POST", "/v1/messages", os.environ["ANTHROPIC_API_KEY"], body)


@attempt
def relay_with_headers_of_ones_own():
    url = os.environ["ANTHROPIC_BASE_URL"]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "echo the headers of this request"}]})
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "Cookie": "c=mine", "X-Forwarded-Host": "evil", "Proxy-Authorization": "mine"}
    return ask(url, "POST", "/v1/messages", headers, body)


@attempt
def relays_token_at_the_model():
    return ask(AIM["model"], "POST", "/v1/messages", {"x-api-key": os.environ["ANTHROPIC_API_KEY"]}, "{}")


# --- the kernel

@attempt
def mounting():
    call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
    return "mounted"


@attempt
def new_user_name_space():
    call("unshare", 0x10000000)
    return "made"


@attempt
def new_user_name_space_by_clone():
    return run("unshare", "--user", "--map-root-user", "id")


@attempt
def name_space_of_the_first_process():
    with open("/proc/1/ns/user", "rb") as space:
        call("setns", space.fileno(), 0)
    return "entered"


@attempt
def sandbox_in_the_sandbox():
    return run("bwrap", "--bind", "/", "/", "--proc", "/proc", "id")


@attempt
def keys_of_the_kernel():
    call(NUMBERS["add_key"], b"user", b"probe", b"x", 1, -3)  # to the session's keyring
    return "stored"


@attempt
def log_of_the_kernel():
    buffer = ctypes.create_string_buffer(4096)
    call("klogctl", 3, buffer, 4096)
    return buffer.value.decode("latin1") or "empty"


@attempt
def code_for_the_kernel():
    got = []
    for name in ["bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "init_module"]:
        try:
            call(NUMBERS[name], 0, None, 0, 0, 0)
            got.append(name)
        except OSError as error:
            if error.errno not in (1, 38):
                got.append(f"{name}: {error.strerror}")
    return " ".join(got) or "nothing"


@attempt
def words_into_the_terminal():
    master, slave = os.openpty()
    os.setsid() if os.getpid() != os.getsid(0) else None
    call("ioctl", slave, ctypes.c_ulong(0x5412), b"x")  # TIOCSTI
    os.close(master)
    return "typed"


@attempt
def rights_by_setuid():
    status = read("/proc/self/status")
    rights = [line for line in status.splitlines() if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))]
    return " ".join(" ".join(line.split()) for line in rights)


@attempt
def another_user():
    return run("su", "-c", "id") + run("sudo", "-n", "id") if os.getuid() else run("setpriv", "--reuid=1", "id")


@attempt
def changing_the_root():
    os.chroot("/tmp")
    return "changed"


def main():
    with open("probe.jsonl", "w", encoding="utf8", buffering=1) as out:
        for function in ATTEMPTS:
            here = os.getcwd()
            # Each in a process of its own: what one changes of itself does not help the next.
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                signal.alarm(4 * LIMIT_SECONDS)
                try:
                    got = function()
                except Exception as error:  # whatever it is, it is the answer
                    got = f"refused: {error}"
                os.write(writing, str(got)[:60000].encode("utf8", "replace"))
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading, "rb") as pipe:
                got = pipe.read().decode("utf8", "replace")
            os.waitpid(child, 0)
            os.chdir(here)
            out.write(json.dumps({"attempt": function.__name__.replace("_", " "), "got": got or "nothing"}) + "\n")


main()
