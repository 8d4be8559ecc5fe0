"""Runs dbt on a copy of a project and collects what it leaves behind."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from scrub import write_json

# The sample trains with MLflow, which shares no environment with dbt, and so is told where dbt lives.
BIN = pathlib.Path(os.environ.get("CATENA_DBT_BIN", pathlib.Path(sys.prefix) / "bin"))


def copy(project, folder):
    """Copies a project to a folder of its own, so that dbt never writes into the repository."""
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
    return folder


def run(folder, *command, env=None, accept=(0,)):
    """Runs `dbt` or `dbt-ol` in the project; the output is shown only when it fails."""
    settings = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROFILES_DIR": str(folder),
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
        "NO_COLOR": "1",
        **(env or {}),
    }
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=folder, env=settings, text=True, capture_output=True)
    if done.returncode not in accept:
        print(done.stdout[-6000:], done.stderr[-6000:], sep="\n", file=sys.stderr)
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")


def openlineage(url, namespace):
    """The settings under which `dbt-ol` and the Python client send to `url`."""
    return {"OPENLINEAGE_URL": url, "OPENLINEAGE_NAMESPACE": namespace, "OPENLINEAGE_API_KEY": "recorded"}


def artifacts(folder, out, scrub):
    """Writes `dbt build` and `dbt docs generate`'s three artifacts, scrubbed, into `out`."""
    run(folder, "dbt", "build")
    target = pathlib.Path(folder) / "target"
    # `docs generate` compiles again and overwrites the results of the build.
    results = json.loads((target / "run_results.json").read_text())
    run(folder, "dbt", "docs", "generate")
    manifest = json.loads((target / "manifest.json").read_text())
    catalog = json.loads((target / "catalog.json").read_text())
    # dbt ships some 500 macros of its own: nine tenths of the file, the same in every project.
    own = manifest["metadata"]["project_name"]
    manifest["macros"] = {key: macro for key, macro in manifest["macros"].items() if macro["package_name"] == own}
    for name, value in (("manifest", manifest), ("catalog", catalog), ("run_results", results)):
        write_json(pathlib.Path(out) / f"{name}.json", scrub.value(value))
