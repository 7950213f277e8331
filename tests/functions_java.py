"""Java for tests: the machine's JDK, and AWS's own libraries through Maven."""

import functools
import os
import pathlib
import re
import shutil
import subprocess

CORE = "com.amazonaws:aws-lambda-java-core:1.2.3"
EVENTS = "com.amazonaws:aws-lambda-java-events:3.14.0"


@functools.cache
def runtime():
    """The runtime of the JDK on PATH, if AWS offers it."""
    if shutil.which("javac") is None:
        return None
    version = subprocess.run(["javac", "-version"], capture_output=True, text=True).stdout
    major = re.match(r"javac (\d+)\.", version)
    return f"java{major[1]}" if major and major[1] in ("11", "17", "21", "25") else None


@functools.cache
def library(artifact):
    """The jar of a library, kept outside the repository; None without Maven or a network."""
    _, name, version = artifact.split(":")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "slam-tests" / "java"
    jar = cache / f"{name}-{version}.jar"
    if not jar.is_file() and shutil.which("mvn") is not None:
        command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={cache}"]
        try:
            subprocess.run(command, capture_output=True, timeout=180)
        except subprocess.TimeoutExpired:
            return None
    return jar if jar.is_file() else None


@functools.cache
def libraries(*artifacts):
    """The jars of libraries with all that they need, kept outside the repository; None without Maven or a network."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "slam-tests" / "java"
    folder = cache / "+".join("-".join(artifact.split(":")[1:]) for artifact in artifacts)
    if not (folder / "whole").is_file() and shutil.which("mvn") is not None:
        folder.mkdir(parents=True, exist_ok=True)
        dependencies = "".join(
            f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>"
            for group, name, version in (artifact.split(":") for artifact in artifacts)
        )
        (folder / "pom.xml").write_text(
            "<project><modelVersion>4.0.0</modelVersion><groupId>tests</groupId><artifactId>tests</artifactId><version>1</version>"
            f"<dependencies>{dependencies}</dependencies></project>"
        )
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        try:
            if subprocess.run(command, cwd=folder, capture_output=True, timeout=300).returncode == 0:
                (folder / "whole").touch()
        except subprocess.TimeoutExpired:
            return None
    return tuple(sorted(folder.glob("*.jar"))) if (folder / "whole").is_file() else None


def compile(folder, sources, *jars, release=11):
    """Compiles sources, by file name, into a package's folder; the jars go into its lib."""
    (folder / "lib").mkdir(parents=True)
    for jar in jars:
        shutil.copy(jar, folder / "lib")
    source = folder.parent / f"{folder.name}-source"
    source.mkdir()
    for name, text in sources.items():
        (source / name).write_text(text)
    path = os.pathsep.join(map(str, jars)) or "."
    command = ["javac", "--release", str(release), "-cp", path, "-d", folder, *(source / name for name in sources)]
    subprocess.run(command, check=True)
    return folder


def archive(folder):
    """A package's folder as a zip."""
    return pathlib.Path(shutil.make_archive(str(folder), "zip", folder)).read_bytes()
