"""Imports one module in this process and tells what it did meanwhile: connections, programs, secrets, time, and how it failed.

What was done is blamed on the innermost statement of the repository's own that was being executed by an import: not on the function
that did it, which may be right where it stands, but on the line that called it too early.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import re
import signal
import socket
import sys
import threading
import time
from types import CodeType, FrameType, TracebackType
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, NoReturn, Optional, Sequence, Set, Tuple

CO_OPTIMIZED = 1  # of functions; the bodies of modules and classes have it not
SAMPLE_SECONDS = 0.01
# Where another module has hung already, nobody waits long again.
KNOWN_SECONDS = 2.0
# How long after the signal code is ended that never comes back to Python to hear it.
DEAF_SECONDS = 2.0
# How long a module's threads may go on before it is said that they do.
THREAD_SECONDS = 5.0
# How long after the limit a process is ended that has said nothing.
LATE_SECONDS = THREAD_SECONDS + 3 * DEAF_SECONDS

# As src/core/secret-patterns.ts has it.
SECRET = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PAT|KEY|APIKEY|CREDENTIALS?|AUTH|DSN)S?(?:$|_)", re.IGNORECASE
)
PLAIN_NAMES = {"PWD", "OLDPWD"}
# Drivers in C open sockets that no audit hook sees: without a network, they say so.
CONNECTION_ERRORS = set(
    "OperationalError InterfaceError ConnectionError ConnectError ConnectTimeout ConnectionTimeout MaxRetryError NoBrokersAvailable "
    "ServerSelectionTimeoutError CannotConnectNowError EndpointConnectionError AMQPConnectionError ConnectionFailure gaierror".split()
)
LOCAL = {"", "localhost", "localhost.localdomain"}
ELSEWHERE = re.compile(r"/(?:site-packages|dist-packages|node_modules|\.venv|venv|\.tox|\.nox)/")
# What the standard library starts to learn about the machine is nobody's fault.
LIBRARY = os.path.dirname(os.__file__)
CURIOUS = {os.path.join(LIBRARY, *path) for path in (("platform.py",), ("ctypes", "util.py"), ("uuid.py",), ("sysconfig.py",))}

Place = Tuple[str, int]


class Blame(NamedTuple):
    """The statement that an import was executing, the innermost own frame (file, line, function), whether a library's import did it."""

    statement: Optional[Place]
    through: Optional[Tuple[str, int, str]]
    library: bool


class Watch:
    """Listens to this process from `start` on; hooks can't be taken out again, so that a process is good for one import."""

    def __init__(self, top: str) -> None:
        self.top = top + os.sep
        self.owned: Dict[str, Optional[str]] = {}
        self.effects: Dict[Tuple[str, Optional[Place]], Dict[str, Any]] = {}
        self.missed: Set[str] = set()  # variables that were asked for and not there
        self.started: Dict[int, Blame] = {}  # threads that were started meanwhile, by id()
        self.django: Optional[BaseException] = None  # why Django could not be set up
        self.samples: Dict[Place, int] = {}
        self.on = False
        self.over = False

    def start(self) -> None:
        """Hooks in."""
        handlers: Dict[str, Callable[[Tuple[Any, ...]], Optional[Tuple[str, str]]]] = {
            "socket.connect": connection,
            "socket.sendto": connection,
            "socket.sendmsg": connection,
            "socket.getaddrinfo": lookup,
            "socket.gethostbyname": lookup,
            "sqlite3.connect": database,
            "subprocess.Popen": program,
            "os.system": command,
            "os.posix_spawn": program,
            "os.fork": lambda _: ("spawns", "a copy of itself (os.fork)"),
            "os.forkpty": lambda _: ("spawns", "a copy of itself (os.forkpty)"),
            "os.exec": program,
        }

        def hear(event: str, args: Tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is None or not self.on:
                return
            self.on = False
            try:
                heard = handler(args)
                if heard is not None:
                    self.note(heard[0], heard[1], sys._getframe(1))
            except Exception:  # whatever it was called with, the import goes on
                pass
            finally:
                self.on = True

        sys.addaudithook(hear)
        self.watch_environment()
        self.watch_threads()
        self.on = True

    def watch_environment(self) -> None:
        kind: Any = type(os.environ)
        plain = kind.__getitem__

        def getitem(environ: Any, key: Any) -> Any:
            caller = sys._getframe(1)
            # Somebody copies or searches all of it.
            bulk = caller.f_code.co_name in ("__iter__", "copy", "items", "values")
            if self.on and not bulk and isinstance(key, str) and looks_secret(key):
                self.note("reads", key, caller)
            try:
                return plain(environ, key)
            except KeyError:
                if isinstance(key, str):
                    self.missed.add(key)
                raise

        kind.__getitem__ = getitem

    def watch_threads(self) -> None:
        """Python has had an audit event for them since 3.12 only."""
        plain = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            if self.on:
                self.started[id(thread)] = self.blame(sys._getframe(1))
            plain(thread)

        kind: Any = threading.Thread
        kind.start = start

    def note(self, kind: str, detail: str, frame: Optional[FrameType]) -> None:
        """Writes an effect down, once a statement and kind; a secret each."""
        if kind == "spawns" and is_curious(frame):
            return
        blame = self.blame(frame)
        if kind == "reads" and (blame.library or blame.statement is None):
            return
        key = (kind if kind != "reads" else "reads " + detail, blame.statement)
        self.effects.setdefault(key, {"kind": kind, "detail": detail, **blame._asdict()})

    def blame(self, frame: Optional[FrameType]) -> Blame:
        through: Optional[Tuple[str, int, str]] = None
        library = False
        while frame is not None:
            code = frame.f_code
            own = self.own(code)
            body = not code.co_flags & CO_OPTIMIZED
            if own is not None:
                through = through or (own, frame.f_lineno, code.co_name)
                if body:
                    return Blame((own, frame.f_lineno), through, library)
            elif body and through is None and not code.co_filename.startswith("<"):
                library = True
            frame = frame.f_back
        return Blame(None, through, library)

    def own(self, code: CodeType) -> Optional[str]:
        """The file of a code of the repository's own, absolute; nothing for others'."""
        name = code.co_filename
        if name not in self.owned:
            path = os.path.abspath(name)
            is_own = not name.startswith("<") and path.startswith(self.top) and ELSEWHERE.search(path) is None
            self.owned[name] = path if is_own else None
        return self.owned[name]

    def sample(self, thread: int) -> None:
        """Looks again and again where a thread is."""
        while not self.over:
            frame = sys._current_frames().get(thread)
            statement = self.blame(frame).statement
            if statement is not None:
                self.samples[statement] = self.samples.get(statement, 0) + 1
            time.sleep(SAMPLE_SECONDS)

    def slowest(self, seconds: float) -> Optional[Dict[str, Any]]:
        """The statement that took most of the time, and how much."""
        samples = dict(self.samples)
        if not samples:
            return None
        place = max(samples, key=lambda one: samples[one])
        return {"statement": place, "seconds": seconds * samples[place] / sum(samples.values())}

    def lingering(self) -> Dict[str, Any]:
        """Where a thread was started that is still running, of those that a program waits for in the end."""
        for thread in threading.enumerate():
            blame = self.started.get(id(thread))
            if blame is not None and not thread.daemon:
                return {"thread": thread.name, **blame._asdict()}
        return {"thread": "a thread", **Blame(None, None, False)._asdict()}

    def failure(self, error: BaseException) -> Dict[str, Any]:
        """How an import failed, in its own words, and what that means."""
        statement, through = self.raised_at(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename is not None:
            path = os.path.abspath(error.filename)
            if path.startswith(self.top):
                statement, through = (path, error.lineno or 1), None
        text = str(error).strip().split("\n")[0][:300] or "no words"
        words = "it calls sys.exit(%s)" % error.code if isinstance(error, SystemExit) else "%s: %s" % (type(error).__name__, text)
        variable = next((name for name in sorted(self.missed) if is_about(error, name)), None)
        django = type(error).__name__ in ("ImproperlyConfigured", "AppRegistryNotReady") or "populate() isn't reentrant" in text
        if django and self.django is not None:
            words = "%s: %s" % (type(self.django).__name__, self.django)
        return {
            "statement": statement,
            "through": through,
            "words": words.split("\n")[0],
            "connection": any(is_connection(one) for one in chain(error)),
            "variable": variable,
            "secret": variable is not None and looks_secret(variable),
            "module": error.name if isinstance(error, ModuleNotFoundError) else None,
            "django": django,
            "settings": os.environ.get("DJANGO_SETTINGS_MODULE") if self.django is not None else None,
        }

    def raised_at(self, trace: Optional[TracebackType]) -> Tuple[Optional[Place], Optional[Tuple[str, int, str]]]:
        statement: Optional[Place] = None
        through: Optional[Tuple[str, int, str]] = None
        while trace is not None:
            code = trace.tb_frame.f_code
            own = self.own(code)
            if own is not None:
                through = (own, trace.tb_lineno, code.co_name)
                if not code.co_flags & CO_OPTIMIZED:
                    statement = (own, trace.tb_lineno)
            trace = trace.tb_next
        return statement, through


def import_watched(name: str, paths: Sequence[str], top: str, limit: float, hung: FrozenSet[Place], result: int, dump: int) -> NoReturn:
    """Imports a module and writes what happened to a file descriptor as JSON; the process ends with it.

    `hung` are the statements at which others hung already. What hears no signal for too long leaves Python's own list of where its
    threads are in `dump` and nothing in `result`.
    """
    own_process = os.getpid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.path[:] = paths
    sys.argv = [name]
    watch = Watch(top)
    begun = time.perf_counter()
    ended: Optional[float] = None  # when the import was over

    def tell(**more: Any) -> NoReturn:
        watch.on, watch.over = False, True
        # A copy that the import made of itself has nothing to tell.
        if os.getpid() == own_process:
            seconds = (ended or time.perf_counter()) - begun
            told = {"seconds": seconds, "slowest": watch.slowest(seconds), "effects": list(watch.effects.values()), **more}
            os.write(result, json.dumps(told).encode("utf-8", "surrogateescape"))
        os._exit(0)

    def give_up(_number: int, frame: Optional[FrameType]) -> None:
        if ended is not None:
            tell(lingers=watch.lingering())
        blame = watch.blame(frame)
        if time.perf_counter() - begun >= limit - 0.1 or blame.statement in hung:
            tell(hang=blame._asdict())
        signal.setitimer(signal.ITIMER_REAL, max(0.1, min(KNOWN_SECONDS, begun + limit - time.perf_counter())))

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, min(KNOWN_SECONDS, limit) if hung else limit)
    faulthandler.dump_traceback_later(limit + DEAF_SECONDS, exit=True, file=dump)
    watch.start()
    main = threading.get_ident()
    threading.Thread(target=watch.sample, args=(main,), daemon=True).start()
    begun = time.perf_counter()
    try:
        watch.django = set_up_django()
        module = importlib.import_module(name)
    except BaseException as error:
        failed = watch.failure(error)
        tell(failure=failed)
    ended = time.perf_counter()
    watch.on, watch.over = False, True
    faulthandler.cancel_dump_traceback_later()
    if watch.started:
        # As a program ends: pools are told that it is over, and the other threads are waited for.
        signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, min(THREAD_SECONDS, limit))
        try:
            getattr(threading, "_shutdown")()
        except BaseException:  # whatever a pool has to say in the end
            pass
    tell(file=getattr(module, "__file__", None))


def set_up_django() -> Optional[BaseException]:
    """Models can be imported only after this; what goes wrong here is said by the modules that need it."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        try:
            importlib.import_module("django").setup()
        except Exception as error:
            return error
    return None


FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')


def blame_of_dump(text: str, top: str, thread: int) -> Blame:
    """As `Watch.blame`, from what faulthandler wrote of a thread: the innermost frame first, names in ASCII; class bodies are functions."""
    watch = Watch(top)
    through: Optional[Tuple[str, int, str]] = None
    _, _, own = text.partition("0x%016x " % thread)
    for line in own.split("\n\n", 1)[0].splitlines():
        match = FRAME.match(line)
        if match is None:
            continue
        name = re.sub(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U000[0-9a-f]{5})", lambda one: chr(int(one.group()[2:], 16)), match.group(1))
        path = os.path.abspath(name)
        if name.startswith("<") or not path.startswith(watch.top) or ELSEWHERE.search(path) is not None:
            continue
        through = through or (path, int(match.group(2)), match.group(3))
        if match.group(3) == "<module>":
            return Blame((path, int(match.group(2))), through, False)
    return Blame(None, through, False)


def connection(args: Tuple[Any, ...]) -> Optional[Tuple[str, str]]:
    """A socket that connects or sends: an address is (host, port, …) or a path."""
    address = args[1]
    if isinstance(address, tuple) and len(address) >= 2:
        return "connects", "%s:%s" % (text_of(address[0]), address[1])
    if isinstance(address, (str, bytes)):
        return "connects", text_of(address) or "a socket"
    return None


def lookup(args: Tuple[Any, ...]) -> Optional[Tuple[str, str]]:
    """A name that is looked up to connect to it; numbers and this machine's own names need nobody."""
    host = text_of(args[0])
    if host.lower() in LOCAL or re.fullmatch(r"[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", host) or host == socket.gethostname():
        return None
    port = args[1] if len(args) > 1 else None
    return "connects", host if port in (None, 0, "") else "%s:%s" % (host, text_of(port))


def database(args: Tuple[Any, ...]) -> Optional[Tuple[str, str]]:
    """A database in a file; one in memory is nobody else's."""
    name = text_of(args[0])
    return None if name in ("", ":memory:") or name.startswith("file::memory:") else ("connects", "the database file %s" % name)


def program(args: Tuple[Any, ...]) -> Optional[Tuple[str, str]]:
    words = args[1] if len(args) > 1 and args[1] else [args[0]]
    listed = [words] if isinstance(words, (str, bytes)) else list(words)
    return "spawns", " ".join(text_of(word) for word in listed)[:80]


def command(args: Tuple[Any, ...]) -> Optional[Tuple[str, str]]:
    return "spawns", text_of(args[0])[:80]


def text_of(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def is_curious(frame: Optional[FrameType]) -> bool:
    """Whether the standard library itself wants to know something of the machine."""
    while frame is not None:
        if frame.f_code.co_filename in CURIOUS:
            return True
        frame = frame.f_back
    return False


def looks_secret(name: str) -> bool:
    """Whether a variable is, by its name, most likely a secret."""
    return name not in PLAIN_NAMES and SECRET.search(name) is not None


def is_about(error: BaseException, variable: str) -> bool:
    """Whether an error is said of a variable that is not set."""
    return any(re.search(r"\b%s\b" % re.escape(variable), str(one)) is not None for one in chain(error))


def is_connection(error: BaseException) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & CONNECTION_ERRORS) or isinstance(error, (socket.gaierror, socket.timeout))


def chain(error: BaseException) -> List[BaseException]:
    """An error and those that it came from."""
    found: List[BaseException] = []
    following: Optional[BaseException] = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found
