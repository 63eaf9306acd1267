"""A real PostgreSQL of the test's own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support.parts import absent
from support.processes import RunningProcess
from support.waiting import free_port, wait_until


def postgres_folder() -> Path:
    """Where initdb and postgres are."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [folder for folder in candidates if (folder / "initdb").exists()]
    if found:
        return found[0]
    installed = shutil.which("initdb")
    if installed is None:
        absent("postgres", "no initdb (Debian's package postgresql)")
    return Path(installed).resolve().parent


class PostgresServer:
    """One cluster in a new folder on a port of its own; trusts the loopback interface."""

    def __init__(self) -> None:
        programs = postgres_folder()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="slipway-postgres-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as_user = [
                "setpriv",
                f"--reuid={user.pw_uid}",
                f"--regid={user.pw_gid}",
                "--clear-groups",
            ]
        cluster = self.folder / "cluster"
        init = [str(programs / "initdb"), "-D", str(cluster), "-U", "slipway", "-A", "trust", "-N"]
        done = subprocess.run(
            [*self._as_user, *init], cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            absent("postgres", f"initdb fails: {done.stderr.strip().splitlines()[-1:]}")
        command = [
            *(*self._as_user, str(programs / "postgres"), "-D", str(cluster)),
            *("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder), "-F"),
        ]
        log = Path(tempfile.mkdtemp(prefix="slipway-postgres-log-")) / "postgres.log"
        self._process = RunningProcess(command, log)
        wait_until(self._answers, what="PostgreSQL answers")

    @property
    def url(self) -> str:
        """For SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://slipway@127.0.0.1:{self.port}/postgres"

    def empty(self) -> str:
        """Without a table, as it was; its URL."""
        import psycopg

        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=slipway dbname=postgres") as c:
            c.execute("DROP SCHEMA public CASCADE")
            c.execute("CREATE SCHEMA public")
        return self.url

    def _answers(self) -> bool:
        import psycopg

        assert self._process.running, self._process.output
        try:
            psycopg.connect(f"host=127.0.0.1 port={self.port} user=slipway dbname=postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        self._process.send(signal.SIGINT)  # ends sessions; SIGTERM would wait for them
        self._process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._process.log.parent, ignore_errors=True)
