"""The whole handler in a process of its own, as Lambda runs it: stages, imports, isolation."""

import os
import pathlib
import sys

import pytest

from .process import run, run_with_log

CALL = {"kwargs": {}}
STAGES = {"dev": {"STAGE": "dev"}, "prod": {"STAGE": "prod"}}
READS_AT_IMPORT = {
    "app.py": """
        import os
        import library
        STAGE = os.environ["STAGE"]
        calls = []
        def main():
            import later
            calls.append(1)
            return [STAGE, os.environ["STAGE"], library.STAGE, later.STAGE, len(calls), os.environ["LAMBDA_VERSION"]]
    """,
    "library/__init__.py": "from .settings import STAGE",
    "library/settings.py": "import os\nSTAGE = os.environ['STAGE']",
    "later.py": "import os\nSTAGE = os.environ['STAGE']",
}


def test_module_level_settings_are_those_of_the_stage(tmp_path):
    results = run(tmp_path, READS_AT_IMPORT, [["dev", CALL], ["prod", CALL], ["dev", CALL]], stages=STAGES)
    assert results == [
        ["dev", "dev", "dev", "dev", 1, "3"],
        ["prod", "prod", "prod", "prod", 1, "3"],
        ["dev", "dev", "dev", "dev", 2, "3"],
    ]


def test_module_is_imported_once_per_stage(tmp_path):
    files = {"app.py": "import sys\nsys.imports = getattr(sys, 'imports', 0) + 1\ndef main(): return sys.imports"}
    assert run(tmp_path, files, [["dev", CALL], ["prod", CALL], ["dev", CALL], ["prod", CALL]], stages=STAGES) == [
        1,
        2,
        2,
        2,
    ]


def test_standard_library_is_shared(tmp_path):
    files = {"app.py": "import json\ndef main(): return id(json)"}
    one, two = run(tmp_path, files, [["dev", CALL], ["prod", CALL]], stages=STAGES)
    assert one == two


@pytest.mark.parametrize("stages", [None, {"dev": {"STAGE": "dev"}}])
def test_with_one_stage_a_broken_import_is_an_init_error(tmp_path, stages):
    files = {"app.py": "raise RuntimeError('broken')"}
    assert run(tmp_path, files, [["dev", CALL]], stages=stages) == ["init", "RuntimeError", "broken"]


def test_with_one_stage_its_environment_is_there_at_import(tmp_path):
    files = {"app.py": "import os\nSTAGE = os.environ['STAGE']\ndef main(): return STAGE"}
    assert run(tmp_path, files, [["dev", CALL]], stages={"dev": {"STAGE": "dev"}}) == ["dev"]


COUNTS_IMPORTS = {
    "app.py": """
        import os, sys
        sys.imports = getattr(sys, "imports", []) + [os.environ["STAGE"]]
        def main(): return sys.imports
    """
}


@pytest.mark.parametrize(
    "version, alias, expected",
    [("$LATEST", "dev", ["dev"]), ("3", "prod", ["prod"]), ("$LATEST", "prod", ["dev", "prod"]), (None, "prod", ["prod"])],
)
def test_likely_stage_is_imported_at_once(tmp_path, version, alias, expected):
    assert run(tmp_path, COUNTS_IMPORTS, [[alias, CALL]], stages=STAGES, version=version) == [expected]


def test_failed_guess_is_no_failure_of_another_stage(tmp_path):
    files = {"app.py": "import os\nif os.environ['STAGE'] == 'dev': raise RuntimeError('dev')\ndef main(): return 1"}
    assert run(tmp_path, files, [["prod", CALL], ["dev", CALL]], stages=STAGES, version="$LATEST") == [
        1,
        ["RuntimeError", "dev"],
    ]


def test_failed_import_is_tried_again(tmp_path):
    files = {
        "app.py": """
            import sys
            sys.tries = getattr(sys, "tries", 0) + 1
            if sys.tries == 1:
                raise RuntimeError("not yet")
            def main(): return "ran"
        """
    }
    assert run(tmp_path, files, [["dev", CALL], ["dev", CALL]], stages=STAGES) == [["RuntimeError", "not yet"], "ran"]


@pytest.mark.parametrize(
    "app, expected",
    [
        ("app:missing", ["init", "AttributeError", "slam: app has no 'missing'; slam.yaml names the application app:missing"]),
        ("app:number", ["init", "TypeError", "slam: app:number is a int, not a callable"]),
        ("app:Box.call", [7]),
    ],
)
def test_application_is_found_or_the_error_says_why(tmp_path, app, expected):
    files = {"app.py": "number = 1\nclass Box:\n    @staticmethod\n    def call(): return 7\n"}
    assert run(tmp_path, files, [["dev", CALL]], app=app) == expected


def test_unknown_kind_is_refused(tmp_path):
    assert run(tmp_path, {"app.py": ""}, [], kind="cgi")[:2] == ["init", "ValueError"]


@pytest.fixture
def native(tmp_path):
    """The name of a module with native code, in a package ``fast``."""
    module = next(
        (m for m in map(__import__, ["_json", "_csv", "_bisect", "zlib"]) if getattr(m, "__file__", None)), None
    )
    if module is None or sys.platform != "linux":
        pytest.skip("this Python has no extension module in a file")
    file = pathlib.Path(module.__file__)
    (tmp_path / "fast").mkdir()
    # The loader must see it inside the package, so a copy rather than a link.
    (tmp_path / "fast" / (module.__name__ + "".join(file.suffixes))).write_bytes(file.read_bytes())
    return module.__name__


def test_native_packages_and_what_they_hold_are_shared(tmp_path, native):
    """A compiled module cannot be loaded twice, and its Python half must stay the same one."""
    files = {
        "fast/__init__.py": f"from fast import {native}\nimport helper\nheld = helper",
        "helper.py": "",
        "pure.py": "",
        "app.py": "import fast, helper, pure\ndef main(): return [id(fast), id(helper), id(pure)]",
    }
    (fast1, helper1, pure1), (fast2, helper2, pure2) = run(
        tmp_path, files, [["dev", CALL], ["prod", CALL]], stages=STAGES
    )
    assert fast1 == fast2 and helper1 == helper2 and pure1 != pure2


def test_package_that_should_not_be_shared_is_named(tmp_path, native):
    files = {
        "fast/__init__.py": f"from fast import {native}\nknown = set()",
        "app.py": """
            import fast
            if "app" in fast.known:
                raise ValueError("registered twice")
            fast.known.add("app")
            def main(): return "served"
        """,
    }
    (served, failed), log = run_with_log(tmp_path, files, [["dev", CALL], ["prod", CALL]], stages=STAGES)
    assert (served, failed[0]) == ("served", "ValueError")
    assert "for the stage 'prod'" in log and "packages with native code: fast" in log


def test_what_stands_in_for_a_module_is_kept_apart(tmp_path):
    """``sys.modules[__name__] = Settings()`` is how some settings are made."""
    files = {
        "settings.py": """
            import os, sys
            class Settings:
                stage = os.environ["STAGE"]
            sys.modules[__name__] = Settings()
        """,
        "app.py": """
            import os, sys, types
            import settings
            sys.modules.setdefault("made", types.ModuleType("made")).__dict__.setdefault("stage", os.environ["STAGE"])
            def main():
                import made
                return [settings.stage, made.stage]
        """,
    }
    results = run(tmp_path, files, [["dev", CALL], ["prod", CALL], ["dev", CALL]], stages=STAGES)
    assert results == [["dev", "dev"], ["prod", "prod"], ["dev", "dev"]]


def test_time_zone_is_that_of_the_stage(tmp_path):
    files = {"app.py": "import time\ndef main(): return time.localtime(0).tm_hour"}
    stages = {"dev": {"TZ": "UTC"}, "prod": {"TZ": "Asia/Tokyo"}}
    assert run(tmp_path, files, [["dev", CALL], ["prod", CALL], ["dev", CALL]], stages=stages) == [0, 9, 0]


def test_no_stage_sees_the_variables_of_another(tmp_path):
    files = {"app.py": "import os\ndef main(): return [name for name, value in os.environ.items() if 'secret' in value]"}
    stages = {"dev": {"KEY": "secret"}, "prod": {"TOKEN": "secret"}}
    assert run(tmp_path, files, [["dev", CALL], ["prod", CALL]], stages=stages) == [["KEY"], ["TOKEN"]]


@pytest.mark.parametrize("version", [None, "$LATEST", "3"])
def test_task_that_is_begun_at_import_is_its_stages_own(tmp_path, version):
    files = {
        "app.py": """
            import os
            from slam_lambda import tasks
            sent = []
            class Lambda:
                def invoke(self, **call): sent.append(call["FunctionName"].partition(":function:")[2] or call["FunctionName"])
            tasks._client = lambda service: Lambda()
            os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "project"
            @tasks.task
            def warm(): ...
            warm.later()
            def main(): return sent
        """,
    }
    invocations = [["dev", CALL], ["prod", CALL]]
    [dev], [prod] = run(tmp_path, files, invocations, stages=STAGES, version=version)
    assert dev.endswith(":dev") and prod.endswith(":prod")
