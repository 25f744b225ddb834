"""Everything that checks or makes something here; `nox --list` tells the sessions, plain `nox` runs the test matrix.

`uv run nox` needs nothing but uv. What a machine cannot run (another Python, a GPU, node) is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    *("codegen_check", "library_quantizers_check", "schemas", "lint", "types", "validators", "typescript", "editors"),
    *("tests", "optional", "oldest_quantizers", "pythons", "build", "e2e"),
]

ROOT = Path(__file__).parent
PACKAGES = ["configs", "audio", "models", "losses", "data", "pipelines", "training", "studio", "cli"]
GROUPS = nox.project.load_toml(ROOT / "pyproject.toml")["dependency-groups"]
EXTRAS = {
    "audio": ["m4a"],
    "models": ["onnx", "phoneme", "text"],
    "data": ["m4a", "s3", "index", "remote"],
    "pipelines": ["ray"],
    "training": ["ray"],
    "cli": ["train", "studio", "entropy", "diffusers", "text", "hub", "index", "remote"],
}
ORACLES = {
    "configs": ["test-data"],
    "models": ["test-models"],
    "losses": ["test-losses"],
    "data": ["test-data", "test-cuts"],
    "pipelines": ["test-losses", "test-data"],
    "training": ["test-losses", "test-data"],
    "studio": ["test-studio"],
    "cli": ["test-cli", "test-data"],
}
OPTIONAL = {"pipelines": ["pesq", "speech", "stoi", "visqol"], "training": ["comet", "mlflow", "trackio", "wandb"]}
"""Extras that no other session installs: what metrics and trackers bring is large."""
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def sync(session: nox.Session, *arguments: str) -> None:
    """Install workspace members into the session's environment, as the workspace pins them."""
    environment = {"UV_PROJECT_ENVIRONMENT": session.virtualenv.location, "VIRTUAL_ENV": session.virtualenv.location}
    python = f"--python={session.virtualenv.location}/bin/python"
    session.run_install("uv", "sync", "--quiet", "--no-default-groups", python, *arguments, env=environment)


def group(name: str) -> list[str]:
    """Requirements of a dependency group."""
    return nox.project.dependency_groups({"dependency-groups": GROUPS}, name)


def distribution(package: str) -> str:
    """Distribution of a package folder."""
    return "narrows" if package == "cli" else f"narrows-{package}"


def generate(session: nox.Session, *arguments: str) -> None:
    """Generated code and reference pages, from the schemas."""
    sync(session, "--package", "narrows-configs")
    session.install(*group("codegen"), "jsonschema")
    for tool in ("codegen", "reference_docs", "rule_docs"):
        session.run("python", f"tools/{tool}.py", *arguments)


@nox.session
def codegen(session: nox.Session) -> None:
    """Write narrows.configs._generated and the reference pages from schemas-json/; `-- --check` fails on drift."""
    generate(session, *session.posargs)


@nox.session
def codegen_check(session: nox.Session) -> None:
    """Fail when generated code or reference pages are not what the schemas give."""
    generate(session, "--check")


@nox.session
def library_quantizers(session: nox.Session) -> None:
    """Write the schemas of vector-quantize-pytorch's classes from its signatures; `-- --check` fails on drift."""
    sync(session, "--package", "narrows-models")
    session.run("python", "tools/library_quantizers.py", *session.posargs)


@nox.session
def library_quantizers_check(session: nox.Session) -> None:
    """Fail when those schemas are not what the installed release gives."""
    sync(session, "--package", "narrows-models")
    session.run("python", "tools/library_quantizers.py", "--check")


@nox.session
def oldest_quantizers(session: nox.Session) -> None:
    """Test bottlenecks with the oldest release of vector-quantize-pytorch, which stable-audio-tools pins."""
    sync(session, "--package", "narrows")
    session.install(*group("test"), "vector-quantize-pytorch==1.14.41")
    tests = ("tests/models/bottlenecks", "tests/models/test_components.py", "tests/cli/test_library_quantizers.py")
    # It decorates with a name of torch that is deprecated.
    warned = ("-W", "ignore:`torch.cuda.amp.autocast:FutureWarning")
    session.run("pytest", *tests, *warned, "-n", "2", "-rs", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def schemas(session: nox.Session) -> None:
    """Check every schema against the meta-schema, and its references and defaults."""
    session.install("jsonschema")
    session.run("python", "tools/check_schemas.py")


@nox.session
def validators(session: nox.Session) -> None:
    """Give random documents to jsonschema, Pydantic and Ajv; `-- 10000` for so many."""
    sync(session, "--package", "narrows-configs")
    session.install("jsonschema", "hypothesis", "hypothesis-jsonschema")
    session.run("python", "tools/compare_validators.py", *(session.posargs or ["500"]), *node(session, "ajv"))


@nox.session
def typescript(session: nox.Session) -> None:
    """Generate TypeScript types from the bundle and compile them."""
    sync(session, "--package", "narrows-configs")
    if not (packages := node(session, "json-schema-to-typescript", "typescript")):
        session.skip("node and npm are not here")
    session.run("python", "tools/typescript.py", *packages)


@nox.session
def editors(session: nox.Session) -> None:
    """Let the language servers of editors complete and check documents by the schemas."""
    sync(session, "--package", "narrows-configs")
    if not (packages := node(session, "vscode-json-languageservice", "yaml-language-server")):
        session.skip("node and npm are not here")
    session.run("python", "tools/editors.py", *packages)


def node(session: nox.Session, *packages: str) -> list[str]:
    """Install npm packages into the session's folder; the option that names them, or nothing where npm is absent."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        session.log("node and npm are not here: checks that need them are left out")
        return []
    folder = Path(session.create_tmp()) / "node"
    folder.mkdir(exist_ok=True)
    session.run("npm", "install", "--silent", "--no-save", "--prefix", str(folder), *packages, external=True)
    return ["--node", str(folder)]


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and the order of imports; `-- --fix` repairs."""
    session.install(*group("lint"))
    session.run("ruff", "check", *session.posargs, ".")
    session.run("ruff", "format", *([] if "--fix" in session.posargs else ["--check"]), ".")
    session.run("python", "tools/check_imports.py")


@nox.session
def types(session: nox.Session) -> None:
    """Type-check every package, strictly."""
    sync(session, "--all-packages")
    session.install(*group("types"))
    session.run("mypy", *(f"packages/{package}/src" for package in PACKAGES), "tools")


@nox.session
@nox.parametrize("package", PACKAGES, ids=PACKAGES)
def tests(session: nox.Session, package: str) -> None:
    """Test one package, with only what it depends on installed."""
    extras = [f"--extra={extra}" for extra in EXTRAS.get(package, [])]
    sync(session, "--package", distribution(package), *extras)
    session.install(*group("test"), *(name for oracle in ORACLES.get(package, []) for name in group(oracle)))
    if package == "configs":
        session.run("python", "-c", "import importlib.util as u; assert u.find_spec('torch') is None")
    folders = [f"tests/{package}", *(["tests/workspace"] if package == "configs" else [])]
    session.run("pytest", *folders, "-n", "2", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def optional(session: nox.Session) -> None:
    """Test metrics and trackers of optional packages, which `tests` does without."""
    sync(session, "--package", "narrows-training")
    extras = []
    for package, names in OPTIONAL.items():
        known = nox.project.load_toml(ROOT / f"packages/{package}/pyproject.toml")["project"]["optional-dependencies"]
        extras += [requirement for name in names for requirement in known[name]]
    session.install(*group("test"), *group("test-losses"), *extras)
    tests = ("tests/pipelines/metrics", "tests/training/test_loggers.py")
    session.run("pytest", *tests, "-n", "2", "-rs", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def slow(session: nox.Session) -> None:
    """Run what takes minutes: kills, load, big files, acceptance. Each has a short form in `tests`."""
    sync(session, "--all-packages", "--all-extras")
    session.install(
        *group("test"), *(name for oracles in ORACLES.values() for oracle in oracles for name in group(oracle))
    )
    limits = ("--timeout=3600", "--override-ini=faulthandler_timeout=3700")
    environment = {"OMP_NUM_THREADS": "1", "NARROWS_KILLS": os.environ.get("NARROWS_KILLS", "20")}
    session.run("pytest", "tests", "-m", "long", "-n", "2", *limits, *session.posargs, env=environment)


@nox.session(python=PYTHONS)
def pythons(session: nox.Session) -> None:
    """Test narrows-configs, without torch, on every supported Python that is here."""
    sync(session, "--package", "narrows-configs")
    session.install(*group("test"))
    session.run("pytest", "tests/configs", "-q", *session.posargs)


@nox.session
def tests_cuda(session: nox.Session) -> None:
    """Run the tests that need an NVIDIA GPU."""
    if shutil.which("nvidia-smi") is None:
        session.skip("no NVIDIA GPU here")
    sync(session, "--all-packages")
    session.install(*group("test"))
    session.run("pytest", "-m", "cuda", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build every wheel, install each alone in an empty environment and import it."""
    session.run("python", "tools/check_wheels.py", *session.posargs)


@nox.session
def e2e(session: nox.Session) -> None:
    """Type the README's commands in a fresh clone, as a new user does."""
    sync(session, "--all-packages")
    session.install(*group("test"))
    # A test may take 900 seconds on a busy machine, which is for pytest to end.
    limit = "--override-ini=faulthandler_timeout=930"
    session.run("pytest", "tests/e2e", "-q", limit, *session.posargs, env={"NARROWS_E2E": "1"})


@nox.session
def docs(session: nox.Session) -> None:
    """Run every example of the pages, build the site into build/site, and check its links and what it loads."""
    sync(session, "--all-packages", "--all-extras")
    session.install(*group("docs"), *group("test"), *group("test-models"))
    environment = {"OMP_NUM_THREADS": "1"}
    session.run("python", "tools/docs_site/run_examples.py", *session.posargs, env=environment)
    session.run("python", "tools/docs_site/gallery.py", env=environment)
    session.run("python", "tools/docs_site/stage.py")
    session.run("zensical", "build", "--strict", "--clean")
    session.run("python", "tools/docs_site/check_site.py")


@nox.session
def bench(session: nox.Session) -> None:
    """Print the benchmark tables; `-- NAME` picks one script of benchmarks/. `references` has a session of its own."""
    sync(session, "--all-packages")
    names = session.posargs or sorted(p.stem for p in (ROOT / "benchmarks").glob("*.py") if p.stem != "references")
    for name in names:
        session.run("python", f"benchmarks/{name}.py", env={"OMP_NUM_THREADS": str(os.cpu_count())})


# What the references import. `setuptools<80` still has `pkg_resources`.
REFERENCE_IMPORTS = [
    *("torch==2.13.0", "numpy", "einops", "einops-exts", "soundfile", "scipy", "safetensors", "huggingface_hub"),
    *("transformers", "pytorch-lightning", "torchmetrics", "auraloss", "tqdm", "PyWavelets", "webdataset"),
    *("setuptools<80", "vector-quantize-pytorch==1.14.41", "alias-free-torch==0.0.6", "ema-pytorch==0.2.3"),
    *("local-attention==1.8.6", "v-diffusion-pytorch", "prefigure", "wandb", "pandas", "accelerate", "clean-fid"),
    *("clip-anytorch", "jsonmerge", "kornia", "scikit-image", "torchdiffeq", "torchsde", "pillow"),
    *("argbind", "librosa", "pyloudnorm", "julius", "randomname", "rich", "markdown2", "flatten-dict", "pystoi"),
    *("torch-stoi", "importlib-resources", "matplotlib", "ipython", "tensorboard", "h5py", "ffmpy"),
]
# Their own pins cannot be solved together, nor with ours: dctorch asks for a numpy below 2.
REFERENCES = [
    *("k-diffusion==0.1.1.post1", "dctorch==0.1.2"),
    *("stable-audio-tools==0.0.19", "torchaudio==2.11.0", "descript-audio-codec==1.0.0", "descript-audiotools"),
    "encodec==0.1.1",
]


# Whatever is imported from it by name is there and does nothing.
STAND_IN = """from unittest.mock import MagicMock

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return MagicMock()
"""


@nox.session
def references(session: nox.Session) -> None:
    """Compare speed with the reference implementations, in an environment of their own; `-- --help` tells options."""
    session.install(*REFERENCE_IMPORTS, *(f"--editable=packages/{package}" for package in PACKAGES))
    # Away from the workspace, whose overrides leave torchaudio out.
    with TemporaryDirectory() as elsewhere, session.chdir(elsewhere):
        session.install("--no-deps", *REFERENCES)
    packages = next(Path(session.virtualenv.location).glob("lib/python*/site-packages"))
    # This library needs CUDA's; the part of torchaudio that the references use does without.
    if shutil.which("nvidia-smi") is None:
        (packages / "torchaudio" / "lib" / "_torchaudio.abi3.so").unlink(missing_ok=True)
    stand_in = packages / "torchvision"
    # k-diffusion imports torchvision, of which no build for CPUs is in the registry; autoencoders never use it.
    session.run_install("uv", "pip", "uninstall", "--quiet", "torchvision")
    shutil.rmtree(stand_in, ignore_errors=True)
    stand_in.mkdir()
    (stand_in / "__init__.py").touch()
    for name in ("transforms", "datasets", "utils", "ops", "models"):
        (stand_in / f"{name}.py").write_text(STAND_IN)
    session.run("python", "benchmarks/references.py", *session.posargs)
