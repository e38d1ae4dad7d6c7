"""The parts of a divided pytest run: each is a plugin of its own process. See parity_split."""

from __future__ import annotations

import atexit
import os
import pickle
import shutil
import signal
import sys
import time
import warnings
from typing import Any, Dict, Generator, List, Optional, Tuple

import pytest

from parity_division import Division, Records, write_records
from parity_unseen import unmeasured

# Of what a part is told by options, only the first may write the result.
REPORT_OPTIONS = ("htmlpath", "report_log", "json_report", "csv_path", "md_report", "cacheclear")
CACHE_KEYS = ("cache/lastfailed", "cache/nodeids", "cache/stepwise")
INTERRUPTED = 2


class Part:
    """What all parts do: leave the others' files alone, and stop when one of them says so."""

    def __init__(self, config: Any, division: Division, folder: str, index: int) -> None:
        self.config = config
        self.division = division
        self.folder = folder
        self.index = index
        self.parts = len(division.loads)
        # Tests that are named one by one are looked for in every part, and only then divided; so are a shard's.
        self.whole = "PARITY_SHARD" in os.environ
        self.seconds: Dict[str, float] = {}
        self.stop_file = os.path.join(folder, "stop")
        self.collecting = Collecting(self)
        config.pluginmanager.register(self.collecting, "parity_collecting")

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: Any) -> Optional[Any]:
        """A file of another part has no tests here; it is not even imported."""
        if self.whole or not is_file(collector) or self.division.owner(collector.nodeid) == self.index:
            return None
        return pytest.CollectReport(collector.nodeid, "passed", None, [])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        """Leaves out what this part collected and does not run; all other choices (-k, -m, --deselect, a shard) are made by now."""
        if self.whole:
            for file in sorted({file_of(item) for item in items}):
                self.division.owner(file)
            items[:] = [item for item in items if self.division.owner(file_of(item)) == self.index]
        else:
            # What hangs below no file was collected by every part.
            items[:] = [item for item in items if below_file(item) or self.division.owner(file_of(item)) == self.index]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Optional[bool]:
        if not os.path.exists(self.stop_file):
            return None
        item.session.shouldfail = "stopping after %d failures" % (item.config.getoption("maxfail") or 1)
        return True

    def count_failure(self, report: Any) -> None:
        """-x and --maxfail count the failures of all parts."""
        most = self.config.getoption("maxfail")
        if not most or not report.failed or hasattr(report, "wasxfail"):
            return
        with open(os.path.join(self.folder, "failures"), "ab", 0) as failures:
            failures.write(b".")
            if failures.tell() >= most:
                self.stop()

    def stop(self) -> None:
        open(self.stop_file, "ab").close()


class Collecting:
    """Times the collection of each file; a plugin of its own, since one can answer a hook only once."""

    def __init__(self, part: Part) -> None:
        self.part = part

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: Any) -> Generator[None, None, None]:
        begun = time.perf_counter()
        yield
        if is_file(collector):
            add_time(self.part.seconds, collector.nodeid, time.perf_counter() - begun)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: Any) -> None:
        if any("::" in str(argument) for argument in session.config.args):
            self.part.whole = True


class OtherPart(Part):
    """A part that nobody sees: what happens in it is written down for the first."""

    def __init__(self, config: Any, division: Division, folder: str, index: int, tell: int) -> None:
        super().__init__(config, division, folder, index)
        self.tell = tell
        self.own = os.path.join(folder, str(index))
        self.records = open(os.path.join(self.own, "records"), "wb")
        options = config.known_args_namespace
        if hasattr(options, "cov_report"):
            # The first part reports on all, and holds the total against the threshold.
            options.cov_report = {"": None}
            options.cov_fail_under = 0
            options.cov_append = False

    def record(self, kind: str, *values: Any) -> None:
        pickle.dump((kind, values), self.records)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: Any) -> Generator[None, None, None]:
        for name in REPORT_OPTIONS:
            if getattr(config.option, name, None):
                setattr(config.option, name, None)
        if getattr(config.option, "xmlpath", None):
            config.option.xmlpath = os.path.join(self.own, "junit.xml")
        if getattr(config.option, "basetemp", None):
            config.option.basetemp = "%s-part%d" % (config.option.basetemp, self.index)
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: Any) -> None:
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter._tw._file = open(os.path.join(self.own, "terminal"), "w", encoding="utf-8", errors="replace")
        cache = getattr(session.config, "cache", None)
        if cache is not None:
            keep = cache.set
            cache.set = lambda key, value: None if key in CACHE_KEYS else keep(key, value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """What was printed until now, the first part prints, too."""
        sys.stdout.flush()
        sys.stderr.flush()
        self.record("begun", os.lseek(1, 0, os.SEEK_CUR))

    def pytest_collectreport(self, report: Any) -> None:
        if not report.passed:
            self.record("collect", self.config.hook.pytest_report_to_serializable(config=self.config, report=report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        told = {
            "tests": len(session.items),
            "collected": getattr(reporter, "_numcollected", 0),
            "deselected": len(getattr(reporter, "stats", {}).get("deselected", [])),
            "owners": self.division.owners,
            "seconds": self.seconds,
        }
        self.record("collected", told)
        self.records.flush()
        os.write(self.tell, b".")
        os.close(self.tell)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self, session: Any) -> Generator[None, None, None]:
        silence_coverage(session.config)
        # By now every plugin has made up its mind what it writes; from here on it is the tests that ask which worker they are in.
        session.config.workerinput = {
            "workerid": os.environ["PYTEST_XDIST_WORKER"],
            "workercount": self.parts,
            "testrunuid": os.path.basename(self.folder),
        }
        session.config.workeroutput = {}
        yield

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self.record("start", nodeid, location)
        self.records.flush()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.record("report", self.config.hook.pytest_report_to_serializable(config=self.config, report=report))
        self.count_failure(report)

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self.record("finish", nodeid, location)
        self.records.flush()

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        if when != "config":
            category = warning_message.category
            said = (category.__module__, category.__name__, str(warning_message.message))
            self.record("warning", said, warning_message.filename, warning_message.lineno, when, nodeid, location)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: Any) -> None:
        self.record("end", int(exitstatus))
        self.records.close()


class Other:
    """Another part, as the first one sees it."""

    def __init__(self, folder: str, index: int, pid: int, listen: int) -> None:
        self.own = os.path.join(folder, str(index))
        self.index = index
        self.pid = pid
        self.listen = listen
        self.records: Any = None
        self.code: Optional[int] = None  # 128 + n for a signal
        self.begun = 0  # where in its output its own story begins

    def read(self) -> Optional[Tuple[str, Tuple[Any, ...]]]:
        """The next record; nothing at the end, wherever a part that died has cut it off."""
        try:
            if self.records is None:
                self.records = open(os.path.join(self.own, "records"), "rb")
            return pickle.load(self.records)  # type: ignore[no-any-return]
        except (OSError, EOFError, pickle.UnpicklingError, ValueError):
            return None

    def wait(self, seconds: Optional[float]) -> None:
        """Waits for its end; after so many seconds it is killed."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.code is None:
            pid, status = os.waitpid(self.pid, 0 if deadline is None else os.WNOHANG)
            if pid != 0:
                self.code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            elif deadline is not None and time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                deadline = None
            else:
                time.sleep(0.01)

    def signal(self, number: int) -> None:
        if self.code is None:
            try:
                os.kill(self.pid, number)
            except OSError:
                pass


class FirstPart(Part):
    """The part that everybody sees: it runs its own files, waits for the others, and tells what happened in them."""

    def __init__(self, config: Any, division: Division, folder: str, records_file: str, before: Records) -> None:
        super().__init__(config, division, folder, 1)
        self.records_file = records_file
        self.before = before
        self.others: List[Other] = []
        self.tests_of_others = 0
        self.collection_failed = False
        self.interrupted = False
        self.replaying = False
        self.exit: Optional[int] = None
        self.warned: set[Tuple[Any, ...]] = set()

    def add(self, index: int, pid: int, listen: int) -> None:
        self.others.append(Other(self.folder, index, pid, listen))

    def forget_others(self) -> None:
        """For a part that was made from this one."""
        self.config.pluginmanager.unregister(self.collecting)
        for other in self.others:
            os.close(other.listen)
        self.others = []

    def lead(self) -> None:
        """However the process ends, nothing of the others stays."""
        atexit.register(self.clean)

    def clean(self) -> None:
        for other in self.others:
            other.signal(signal.SIGKILL)
            other.wait(None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pytest_report_header(self) -> Optional[str]:
        return None if not self.others else "parity: split into %d parts, by file" % (len(self.others) + 1)

    def reporter(self) -> Any:
        return self.config.pluginmanager.getplugin("terminalreporter")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Waits until every part knows its tests; what failed to be collected in another part failed in this run."""
        reporter = self.reporter()
        views = {1: self.division.owners}
        failed = session.testsfailed > 0
        for other in self.others:
            os.read(other.listen, 1)
            while True:
                kind, values = other.read() or ("", ())
                if kind == "begun":
                    other.begun = values[0]
                elif kind == "collect":
                    report = session.config.hook.pytest_report_from_serializable(config=session.config, data=values[0])
                    session.config.hook.pytest_collectreport(report=report)
                    failed = failed or report.failed
                elif kind == "warning":
                    self.tell_warning(*values)
                else:
                    break
            if kind != "collected":
                # It died; what it has to say about that comes when it is waited for.
                failed = True
                continue
            told = values[0]
            views[other.index] = told["owners"]
            self.tests_of_others += told["tests"]
            for file, seconds in told["seconds"].items():
                add_time(self.seconds, file, seconds if self.division.owners.get(file) == other.index else 0.0)
            if reporter is not None and not self.whole:
                reporter._numcollected = getattr(reporter, "_numcollected", 0) + told["collected"]
                if told["deselected"] > 0:
                    reporter.stats.setdefault("deselected", []).extend([None] * told["deselected"])
        self.collection_failed = failed
        if not failed:
            self.check_views(views)

    def check_views(self, views: Dict[int, Dict[str, int]]) -> None:
        """Every test is run exactly once if all parts see the same division."""
        for index, view in views.items():
            odd = sorted(set(view.items()) ^ set(self.division.owners.items()))
            if odd:
                self.stop()
                raise pytest.UsageError(
                    "parity: parts 1 and %d do not find the same test files (%s): take `split` out of this step" % (index, odd[0][0])
                )

    @pytest.hookimpl(hookwrapper=True)
    def pytest_collection(self, session: Any) -> Generator[None, None, None]:
        yield
        session.testscollected += self.tests_of_others

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self, session: Any) -> Generator[None, Any, None]:
        """Nearer to the tests than pytest-cov, which combines and judges as soon as this is over."""
        if self.others:
            silence_coverage(session.config)
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            self.interrupted = True
            self.stop()
        outcome = yield
        failure = None if outcome.excinfo is None else outcome.excinfo[0]
        hurried = failure is not None and not issubclass(failure, (session.Failed, session.Interrupted))
        if failure is not None:
            self.stop()
        stopped: Optional[BaseException] = None
        try:
            self.wait(hurried)
        except KeyboardInterrupt as interrupt:
            stopped = interrupt
            self.wait(True)
        self.replaying = True
        for other in self.others:
            self.tell(session, other)
        self.replaying = False
        if stopped is not None:
            raise stopped

    def wait(self, hurried: bool) -> None:
        """Waits for the other parts' ends, which is not long when somebody is in a hurry."""
        for other in self.others:
            if hurried:
                other.signal(signal.SIGINT)
        for other in self.others:
            other.wait(0.5 if hurried else None)

    def tell(self, session: Any, other: Other) -> None:
        """Tells what happened in another part."""
        hook = session.config.hook
        ended = False
        running = ""
        while True:
            kind, values = other.read() or ("", ())
            if kind in ("start", "finish"):
                running = " in %s" % values[0] if kind == "start" else ""
            if self.interrupted and kind != "" and kind != "end":
                # Without all tests none is told of, as none of them runs in one process; this part only did not know that yet.
                continue
            if kind == "start":
                hook.pytest_runtest_logstart(nodeid=values[0], location=values[1])
            elif kind == "report":
                report = hook.pytest_report_from_serializable(config=session.config, data=values[0])
                hook.pytest_runtest_logreport(report=report)
            elif kind == "finish":
                hook.pytest_runtest_logfinish(nodeid=values[0], location=values[1])
            elif kind == "warning":
                self.tell_warning(*values)
            elif kind == "end":
                ended = True
            elif kind == "":
                break
        self.take_coverage(session.config, other)
        code = other.code or 0
        stopped = code == INTERRUPTED and os.path.exists(self.stop_file)
        if (ended and code in (0, 1, 5)) or stopped:
            self.show(os.path.join(other.own, "output"), other.begun)
            return
        self.exit = self.exit or code or 3
        for name in ("output", "terminal"):
            self.show(os.path.join(other.own, name), 0)
        said = "parity: part %d of %d ended with exit code %d%s" % (other.index, self.parts, code, running)
        write_all(1, b"\n%s\n" % said.encode("utf-8", "replace"))

    def show(self, path: str, begin: int) -> None:
        """Copies what a part printed past its reports: everything with -s, or its last words."""
        sys.stdout.flush()
        if not os.path.exists(path) or os.path.getsize(path) <= begin:
            return
        reporter = self.reporter()
        if reporter is not None:
            reporter.ensure_newline()
        sys.stdout.flush()
        with open(path, "rb") as said:
            said.seek(begin)
            for piece in iter(lambda: said.read(1 << 16), b""):
                write_all(1, piece)

    def tell_warning(self, said: Tuple[str, str, str], file: str, line: int, when: str, nodeid: str, location: Any) -> None:
        key = (said, file, line)
        # What an import says, every part hears that imports it.
        if when == "collect" and key in self.warned:
            return
        module, name, message = said
        category = getattr(sys.modules.get(module), name, None) or type(name, (Warning,), {"__module__": module})
        warning = warnings.WarningMessage(message, category, file, line)  # type: ignore[arg-type]
        self.config.hook.pytest_warning_recorded.call_historic(
            kwargs={"warning_message": warning, "when": when, "nodeid": nodeid, "location": location}
        )

    def pytest_warning_recorded(self, warning_message: Any) -> None:
        category = warning_message.category
        said = (category.__module__, category.__name__, str(warning_message.message))
        self.warned.add((said, warning_message.filename, warning_message.lineno))

    def take_coverage(self, config: Any, other: Other) -> None:
        """Puts another part's data beside the first one's, where pytest-cov combines all that it finds."""
        controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
        own = os.path.join(other.own, "coverage")
        if controller is not None and os.path.exists(own):
            shutil.copyfile(
                own, "%s.%s.%d" % (os.path.abspath(controller.cov.config.data_file), os.path.basename(self.folder), other.index)
            )

    def pytest_runtest_logreport(self, report: Any) -> None:
        add_time(self.seconds, report.nodeid.split("::", 1)[0], getattr(report, "duration", 0.0))
        if not self.replaying:
            self.count_failure(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> None:
        if self.exit is not None:
            session.exitstatus = self.exit
        elif int(exitstatus) in (0, 1) and not self.collection_failed and not session.shouldstop and not session.shouldfail:
            write_records(self.records_file, self.before, self.division.root, self.seconds, self.division.owners)


def is_file(collector: Any) -> bool:
    # In pytest 7 a package was a file, too: it holds modules, not tests.
    return isinstance(collector, pytest.File) and not isinstance(collector, pytest.Package)


def below_file(item: Any) -> bool:
    return any(is_file(node) for node in item.listchain())


def file_of(item: Any) -> str:
    """The file of a test, relative to the root folder, with `/` between its parts."""
    return next((node.nodeid for node in item.listchain() if is_file(node)), str(item.nodeid).split("::", 1)[0])


def add_time(seconds: Dict[str, float], file: str, more: float) -> None:
    seconds[file] = seconds.get(file, 0.0) + more


def silence_coverage(config: Any) -> None:
    """A part has seen some modules and not others: only all of them together could warn of that."""
    controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    for name in ("_warn_no_data", "_warn_unimported_source", "_warn_preimported_source"):
        if hasattr(getattr(controller, "cov", None), name):
            setattr(controller.cov, name, False)


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


unmeasured(__name__)
