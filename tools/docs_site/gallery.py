"""Make the gallery of the site in build/gallery, from reports of a short real run: `python tools/docs_site/gallery.py`.

The quick start is trained for forty steps, evaluated, and its data inspected; a page that is there is not made again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK, GALLERY = ROOT / "build/gallery-run", ROOT / "build/gallery"
CLIPS = ROOT / "packages/data/src/narrows/data/quickstart"
RUN = Path("runs/quickstart")
COMMANDS: dict[str, list[str]] = {
    str(RUN / "report.html"): ["train", "steps=40", "val_every=20", "checkpoint_every=40", "num_workers=0"],
    "evaluation.html": ["evaluate", str(RUN / "model"), str(CLIPS / "held_out"), "--html", "evaluation.html"],
    "data.html": ["data", "inspect", str(CLIPS / "train"), "--html", "data.html"],
}
"""What each command leaves, relative to its working folder."""
REPORTS = {
    "training.html": ("A training run", "curves, clips before and after, what was trained on what: `narrows train`"),
    "evaluation.html": ("An evaluation", "metrics, faults, players, worst clips first: `narrows evaluate --html`"),
    "data.html": ("A data set", "lengths, rates, loudness, duplicates, broken files: `narrows data inspect --html`"),
}
PICTURES = {
    "original": "Original",
    "reconstruction": "Reconstruction",
    "latents": "Latents",
    "difference": "Difference",
}


def page() -> str:
    """The Markdown of the gallery."""
    lines = ["# Gallery", "", "Reports as the commands write them, each one file that needs nothing else. The model"]
    lines += ["behind them was trained for forty steps when this site was built (the quick start takes 400), so it is"]
    lines += ["the reports that are worth a look, and not yet the sound.", ""]
    lines += [f"- [{title}](gallery/{name}): {what}" for name, (title, what) in REPORTS.items()]
    lines += ["", "## Demos of the run", "", "Two clips that were held out of training.", "", '<div class="gallery">']
    for clip in ("00", "01"):
        for name, title in PICTURES.items():
            image = f'<img src="gallery/{clip}_{name}.png" alt="{title} of clip {clip}" loading="lazy">'
            lines.append(f"<figure>{image}<figcaption>{title}</figcaption></figure>")
    return "\n".join([*lines, "</div>", ""])


def make() -> None:
    """Run what is missing, and put the page, its reports and pictures together."""
    WORK.mkdir(parents=True, exist_ok=True)
    for result, arguments in COMMANDS.items():
        if not (WORK / result).is_file():
            subprocess.run([sys.executable, "-m", "narrows.cli", *arguments], cwd=WORK, check=True)
    shutil.rmtree(GALLERY, ignore_errors=True)
    (GALLERY / "gallery").mkdir(parents=True)
    shutil.copy(WORK / RUN / "report.html", GALLERY / "gallery/training.html")
    for name in ("evaluation.html", "data.html"):
        shutil.copy(WORK / name, GALLERY / "gallery" / name)
    [demos] = (WORK / RUN / "demos").iterdir()
    for picture in demos.glob("*.png"):
        shutil.copy(picture, GALLERY / "gallery")
    (GALLERY / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    make()
