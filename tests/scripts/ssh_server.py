"""Serves git repositories over SSH to whoever has the key; prints its port.

    ssh_server.py <host key> <authorized keys>
"""

import asyncio
import shlex
import sys

import asyncssh

host_key, authorized_keys = sys.argv[1:]


async def serve(process):
    command = shlex.split(process.command or "")
    if command[:1] != ["git-upload-pack"]:
        process.exit(1)
        return
    git = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await process.redirect(stdin=git.stdin, stdout=git.stdout, stderr=git.stderr)
    process.exit(await git.wait())


async def main():
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host_key],
        authorized_client_keys=authorized_keys,
        process_factory=serve,
        encoding=None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.wait_closed()


asyncio.run(main())
