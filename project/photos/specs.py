"""What is drawn of each photo: the only place that says it. What is missing of it is found by difference."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 16_383  # pixels of a side; WebP has no room for more
DRAWN = 1  # raised where drawing itself is changed: all is then drawn anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A rule for renditions.

    width, height: pixels; a height of 0 follows from the picture. Nothing is enlarged.
    crop: whether what does not fit into width and height is cut off, the middle kept; else all of it fits in.
    moves: whether it keeps an animation's frames; what does not move has none.
    """

    name: str
    width: int
    height: int = 0
    crop: bool = False
    moves: bool = False

    def box(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the exact size, not enlarged: a box that is too tall keeps JPEG from shrinking on load."""
        return scaled(size, min(self.width / size[0], (self.height or LONGEST) / size[1]))

    def cover(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the smallest size, not enlarged, out of which it can be cut."""
        return scaled(size, max(self.width / size[0], self.height / size[1]))


def scaled(size: tuple[int, int], share: float) -> tuple[int, int]:
    """Return a share of a size, at most all of it and at least a pixel."""
    share = min(1.0, share)
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How renditions are written. later: in a job of low priority. options: Pillow's."""

    name: str
    extension: str
    later: bool = False
    options: Mapping[str, object] = field(default_factory=dict, hash=False)


SPECS = (
    Spec(name="small", width=160),
    Spec(name="medium", width=480),
    Spec(name="large", width=1200),
    Spec(name="huge", width=2000),
    Spec(name="moving", width=480, moves=True),
)
FORMATS = (
    # What every browser shows; the others take less than half of its bytes.
    Format(name="jpeg", extension="jpg", options={"quality": 80, "progressive": True}),
    # method: at 2 it takes a third of the time of 4, the default, for a twelfth more bytes.
    Format(name="webp", extension="webp", options={"quality": 80, "method": 2}),
    # speed: at 6, the default, twice the time for a twentieth less. One thread, so that the same bytes come out.
    Format(name="avif", extension="avif", later=True, options={"quality": 60, "speed": 8, "max_threads": 1}),
)
MOVING = (Format(name="webp", extension="webp", later=True, options={"quality": 70, "method": 2}),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rendition that a photo should have."""

    spec: Spec
    format: Format

    @property
    def recipe(self) -> str:
        """Return what changes when the rendition would come out differently."""
        options = sorted(self.format.options.items())
        said = f"{DRAWN} {self.spec} {self.format.name} {options}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def name(self, digest: str) -> str:
        """Return the name of its file, for an original's SHA-256: the same for equal originals, and for every run."""
        return f"{folder(digest)}/{self.spec.name}-{self.recipe}.{self.format.extension}"


def folder(digest: str) -> str:
    """Return where all renditions of an original are."""
    return f"photos/renditions/{digest}"


def formats_of(spec: Spec) -> Sequence[Format]:
    """Return the formats that a spec is drawn in."""
    return MOVING if spec.moves else FORMATS


def wanted(width: int, *, moves: bool) -> list[Wanted]:
    """Return all that a picture of that width should have, in the order of SPECS.

    A spec that is wider than the picture is drawn as wide as the picture; wider ones would be the same again.
    """
    still = [spec for spec in SPECS if not spec.moves]
    narrower = [0, *(spec.width for spec in still)]
    chosen = [spec for spec, before in zip(still, narrower, strict=False) if before < width]
    chosen += [spec for spec in SPECS if spec.moves and moves]
    return [Wanted(spec, each) for spec in chosen for each in formats_of(spec)]
