import hashlib
import logging
import re
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import IntegrityError, connections, models
from django.db.models import F, Q
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce
from django.utils import timezone

from .engine import ENGINE, Limits, Options, Result, SizePolicy, warn_of_sizes
from .files import NewFiles, delete_files_on_commit, new_files, read_file
from .lost_files import ContentMissing, MaskGone, check_content, find_whole
from .stored_options import dump_options, load_options
from .writing import writing

logger = logging.getLogger(__name__)

MAX_MSE = 255**2

# The folders of all that is stored.
IMAGE_FOLDER, VIEW_FOLDER, THUMBNAIL_FOLDER = "images", "views", "thumbnails"

MASK_THUMBNAIL = "mask-thumbnail"

INPUT_FIELDS = ("image1", "image2", "mask_image")

# What two comparisons of the same images, made in the same way, need not have in common.
OWN_FIELDS = {
    *("id", "created_at", "duration_ms", "result_image"),
    *("image1", "image2", "mask_image", "source1", "source2", "mask_source"),
}

ID_BEGINNING = re.compile(r"[0-9a-f]{1,32}")
# Fewer digits would find too many to be of use.
SHA256_BEGINNING = re.compile(r"[0-9a-f]{8,64}")

MAX_FOUND = 1000
DELETED_AT_ONCE = 500

# To store contents that others store and delete at the same time.
MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class ReceivedImage:
    """One input as it arrived, with what its header says. ``source`` is a URL or a file name."""

    source: str
    content: bytes
    media_type: str
    width: int
    height: int
    frames: int = 1
    is_tone_mapped: bool = False

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def file_name(self) -> str:
        return f"{IMAGE_FOLDER}/{self.sha256[:2]}/{self.sha256}"


class ContentsChanged(Exception):
    """Other requests have stored or deleted contents since they were looked up."""


class StoredImageQuerySet(models.QuerySet["StoredImage"]):
    def find_known(self, images: Iterable[ReceivedImage]) -> dict[str, int]:
        """Return the keys of the contents that are stored, by SHA-256. Restores their lost files."""
        contents = {image.sha256: image for image in images}
        stored = list(self.filter(sha256__in=contents).only("sha256", "size_bytes", "file"))
        lost = [each.sha256 for each in stored if not each.is_intact()]
        if lost:
            self.restore_files([contents[sha256] for sha256 in lost])
        return {each.sha256: each.pk for each in stored}

    def restore_files(self, images: Iterable[ReceivedImage]) -> None:
        """Write lost files again, unless another request has done so or the row has been deleted."""
        contents = {image.sha256: image for image in images}
        replaced: list[str] = []
        with new_files() as files:
            for image in contents.values():
                files.begin(image.file_name, image.content)
            files.finish()
            with writing():
                rows = self.select_for_update().filter(sha256__in=contents).order_by("sha256")
                for stored in rows:
                    if not stored.is_intact():
                        image = contents[stored.sha256]
                        replaced.append(str(stored.file.name))
                        stored.file.name = files.write(image.file_name, image.content)
                        stored.save(update_fields=["file"])
                        files.keep(stored.file.name)
        if replaced:
            logger.error(
                "Stored files were missing or damaged and have been restored: %s",
                ", ".join(replaced),
            )
        delete_files_on_commit(replaced)

    def keep(
        self, contents: Mapping[str, ReceivedImage], missing: Collection[str], files: NewFiles
    ) -> dict[str, "StoredImage"]:
        """Create the rows of missing contents; lock those of the others until the commit, and correct them.

        ``missing`` are those that were not stored when they were looked up. Rows are locked in the order
        of their checksums, so that no two requests deadlock.

        :raises ContentsChanged: other requests have stored or deleted some since.
        """
        known = contents.keys() - missing
        stored: list[StoredImage] = []
        if known:
            stored += self.select_for_update().filter(sha256__in=known).order_by("sha256")
        if len(stored) < len(known):
            raise ContentsChanged
        for image in stored:
            image.correct(contents[image.sha256])
        new = [StoredImage.describe(contents[sha256], files) for sha256 in sorted(missing)]
        try:
            new = self.bulk_create(new)
        except IntegrityError as error:
            raise ContentsChanged from error
        if not connections[self.db].features.can_return_rows_from_bulk_insert:
            new = list(self.filter(sha256__in=missing))
        return {image.sha256: image for image in [*stored, *new]}

    def delete_unused(self) -> list[str]:
        """Delete those that no comparison needs, in a transaction; return their files."""
        # Locked first and looked at then: a comparison that is just being recorded holds the lock.
        locked = list(self.select_for_update().order_by("sha256").values_list("pk", flat=True))
        used = Q()
        for input_field in INPUT_FIELDS:
            used |= Q(
                pk__in=Comparison.objects.filter(**{f"{input_field}__in": locked}).values(
                    input_field
                )
            )
        unused = StoredImage.objects.filter(pk__in=locked).exclude(used)
        files = [
            name for names in unused.values_list("file", "thumbnail") for name in names if name
        ]
        unused.delete()
        return files


class StoredImage(models.Model):
    """One distinct content, kept once however often it is sent, as the last engine has read it."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=50)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    file = models.FileField(max_length=255)
    # Empty until somebody asks for it.
    thumbnail = models.FileField(max_length=255, blank=True)

    objects = StoredImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(width__gte=1, height__gte=1, size_bytes__gte=1),
                name="stored_image_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.width} x {self.height})"

    @classmethod
    def describe(cls, image: ReceivedImage, files: NewFiles) -> "StoredImage":
        """Make a row for the database, whose file is written."""
        return cls(
            sha256=image.sha256,
            media_type=image.media_type,
            width=image.width,
            height=image.height,
            size_bytes=len(image.content),
            file=files.write(image.file_name, image.content),
        )

    def correct(self, image: ReceivedImage) -> None:
        """Describe the content as this engine reads it, where an earlier one has read something else."""
        read = {"media_type": image.media_type, "width": image.width, "height": image.height}
        if any(getattr(self, name) != value for name, value in read.items()):
            for name, value in read.items():
                setattr(self, name, value)
            # It shows what was read then. ``manage.py prune`` deletes its file.
            self.thumbnail.name = ""
            self.save(update_fields=[*read, "thumbnail"])

    def is_intact(self) -> bool:
        """Tell whether the file exists and has the content that the row describes."""
        try:
            self.find_file()
        except FileNotFoundError:
            return False
        return True

    def read_content(self) -> bytes:
        """:raises FileNotFoundError: the file is missing, or has another content."""
        content = read_file(self.file)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise FileNotFoundError(f"{self.file.name} has another content")
        return content

    def find_file(self) -> FieldFile:
        """:raises FileNotFoundError: the file is missing, or has another content."""
        check_content(str(self.file.name), size_bytes=self.size_bytes, sha256=self.sha256)
        return self.file

    def read_beginning(self, max_bytes: int) -> bytes:
        with self.file.open() as file:
            return bytes(file.read(max_bytes))

    def find_thumbnail(self) -> FieldFile | None:
        """Return the file of the thumbnail, or None if it has to be rendered."""
        return find_whole(self.thumbnail)

    def keep_thumbnail(self, webp: bytes) -> FieldFile:
        """Store the thumbnail, unless another request has done so; return the file that is stored.

        :raises StoredImage.DoesNotExist: the image has been deleted.
        """
        replaced = ""
        with new_files() as files:
            name = files.write(f"{THUMBNAIL_FOLDER}/{self.sha256[:2]}/{self.sha256}.webp", webp)
            with writing():
                stored = StoredImage.objects.select_for_update().get(pk=self.pk)
                if not stored.find_thumbnail():
                    replaced = str(stored.thumbnail.name)
                    stored.thumbnail.name = name
                    stored.save(update_fields=["thumbnail"])
            files.keep(str(stored.thumbnail.name))
        delete_lost_on_commit(replaced)
        return stored.thumbnail


def delete_lost_on_commit(stored_name: str) -> None:
    """Delete a lost file that has been rendered again. An empty name means that there was none."""
    if stored_name:
        logger.error(
            "A stored picture was missing or damaged and has been rendered again: %s", stored_name
        )
        delete_files_on_commit([stored_name])


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def search(self, text: str) -> "ComparisonQuerySet":
        """Find the newest by part of a source, or by how an id or an input's SHA-256 begins.

        An id is found with and without dashes. Looks through the table once, however often the
        answer is counted, sorted and cut into pages.
        """
        found = Q(source1__icontains=text) | Q(source2__icontains=text)
        digits = text.replace("-", "").lower()
        if ID_BEGINNING.fullmatch(digits):
            # Databases have their own ways to store an id, and each an index of its order.
            bounds = (uuid.UUID(digits.ljust(32, fill)) for fill in "0f")
            found |= Q(pk__range=tuple(bounds))
        if SHA256_BEGINNING.fullmatch(digits):
            images = StoredImage.objects.filter(sha256__startswith=digits).values("pk")
            for field in INPUT_FIELDS:
                found |= Q(**{f"{field}__in": images})
        # An expression hides the index from the planner: in its order, the rows lie all over the table.
        newest = self.filter(found).order_by(Coalesce("created_at", "created_at").desc(), "-id")
        return self.filter(pk__in=list(newest.values_list("pk", flat=True)[:MAX_FOUND]))

    def have_decoded(self, image_id: int) -> bool:
        """Tell whether this engine has compared a stored image, so has found it whole."""
        compared = Q()
        for input_field in INPUT_FIELDS:
            compared |= Q(**{input_field: image_id})
        return self.filter(compared, engine=ENGINE).exists()

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the comparisons, and the files and stored images that nothing else needs.

        In slices, each of them at once: a statement takes only so many ids, and the memory too.
        """
        deleted: Counter[str] = Counter()
        while pks := list(self.order_by().values_list("pk", flat=True)[:DELETED_AT_ONCE]):
            deleted.update(self.model.objects.get_queryset().delete_slice(pks))
        return deleted.total(), dict(deleted)

    def delete_slice(self, pks: Collection[uuid.UUID]) -> dict[str, int]:
        with writing():
            # Locked first: what is looked at is what is deleted, and its views can't be added to.
            rows = list(
                self.filter(pk__in=pks)
                .select_for_update()
                .order_by("pk")
                .values_list("pk", "image1", "image2", "mask_image", "result_image")
            )
            views = RenderedView.objects.filter(comparison__in=pks)
            files = [*views.values_list("file", flat=True), *(result for *_, result in rows)]
            _, deleted = models.QuerySet.delete(self.filter(pk__in=pks))
            image_ids = {image_id for _, *image_ids, _ in rows for image_id in image_ids}
            files += StoredImage.objects.filter(pk__in=image_ids).delete_unused()
        # Outside: nobody has to wait for that.
        delete_files_on_commit(files)
        return deleted


class ComparisonManager(models.Manager["Comparison"]):
    def get_queryset(self) -> ComparisonQuerySet:
        return ComparisonQuerySet(self.model, using=self._db)

    def record(
        self,
        *,
        images: Mapping[str, ReceivedImage],
        known: Collection[str],
        options: Options,
        result: Result,
        views: Mapping[str, bytes],
        duration_ms: float,
    ) -> "Comparison":
        """Store a comparison: first the files, then all rows at once; or nothing at all.

        ``images`` has ``image1``, ``image2`` and perhaps ``mask_image``; ``known`` are the SHA-256 of
        those that were stored a moment ago; ``views`` are PNGs by name, the mask among them.
        """
        comparison = self.model(
            options=dump_options(options),
            method=options.method,
            width=result.width,
            height=result.height,
            size_policy_applied=result.size_policy_applied,
            mse=result.mse,
            psnr=result.psnr,
            ssim=result.ssim,
            diff_pixels=result.diff_pixels,
            total_pixels=result.total_pixels,
            diff_ratio=result.diff_ratio,
            antialiased_pixels=result.antialiased_pixels,
            ignored_pixels=result.ignored_pixels,
            alpha_diff_pixels=result.alpha_diff_pixels,
            regions=[region._asdict() for region in result.regions],
            regions_left_out=result.regions_left_out,
            match=result.match,
            warnings=[warning.to_json() for warning in result.warnings],
            engine=ENGINE,
            duration_ms=duration_ms,
        )
        return self._store(comparison, images, known, views)

    def find_equal(
        self,
        images: Mapping[str, ReceivedImage],
        known: Mapping[str, int],
        options: Options,
        limits: Limits,
    ) -> "Comparison | None":
        """Find the newest comparison of the same contents, in the same way, by the same engine.

        ``known`` has the keys of the contents that are stored.
        """
        pks = {field: known.get(image.sha256) for field, image in images.items()}
        if None in pks.values():
            return None
        equal = self.filter(
            image1=pks["image1"],
            image2=pks["image2"],
            mask_image=pks.get("mask_image"),
            options=dump_options(options),
            engine=ENGINE,
            total_pixels__lte=limits.max_pixels,
        )
        return equal.order_by("-created_at").first()

    def record_again(
        self,
        earlier: "Comparison",
        *,
        images: Mapping[str, ReceivedImage],
        duration_ms: float,
    ) -> "Comparison":
        """Store another comparison with the figures and the mask of an equal, earlier one.

        :raises MaskGone: the earlier one's mask has been deleted or lost.
        """
        try:
            mask = earlier.read_mask()
        except FileNotFoundError as error:
            raise MaskGone from error
        names = {field.name for field in self.model._meta.concrete_fields}  # noqa: SLF001 - public
        figures = {name: getattr(earlier, name) for name in names - OWN_FIELDS}
        comparison = self.model(**figures, duration_ms=duration_ms)
        known = [image.sha256 for image in images.values()]
        return self._store(comparison, images, known, {"mask": mask})

    def _store(
        self,
        comparison: "Comparison",
        images: Mapping[str, ReceivedImage],
        known: Collection[str],
        views: Mapping[str, bytes],
    ) -> "Comparison":
        comparison.source1 = images["image1"].source
        comparison.source2 = images["image2"].source
        if "mask_image" in images:
            comparison.mask_source = images["mask_image"].source
        contents = {image.sha256: image for image in images.values()}
        missing = contents.keys() - known
        reason: Exception | None = None
        with new_files() as files:
            writing_views = {
                view: files.begin(comparison.view_file_name(view), png)
                for view, png in views.items()
            }
            for _ in range(MAX_ATTEMPTS):
                for sha256 in missing:
                    files.begin(contents[sha256].file_name, contents[sha256].content)
                files.finish()
                view_files = {view: file.result() for view, file in writing_views.items()}
                try:
                    with writing():
                        stored = StoredImage.objects.keep(contents, missing, files)
                        for field, image in images.items():
                            setattr(comparison, field, stored[image.sha256])
                        comparison.result_image.name = view_files["mask"]
                        comparison.save(force_insert=True)
                        for view, file in view_files.items():
                            if view != "mask":
                                comparison.rendered_views.create(view=view, file=file)
                except ContentsChanged as error:
                    reason = error
                    # In another transaction: this one held locks that others could wait for.
                    missing = contents.keys() - StoredImage.objects.find_known(images.values())
                else:
                    files.keep(
                        *view_files.values(),
                        *(str(image.file.name) for image in stored.values()),
                    )
                    return comparison
        raise IntegrityError("the database does not take the images") from reason

    def remember(self, comparison: "Comparison", *, browser: uuid.UUID) -> None:
        """Add the comparison to those of the browser, unless it has been deleted."""
        with writing():
            if self.select_for_update().filter(pk=comparison.pk).exists():
                RememberedComparison.objects.create(comparison=comparison, browser=browser)


class Comparison(models.Model):
    """Two images, how they were compared, and what came out.

    Once recorded, only the names of its files may change: a lost picture is rendered to a new file, and
    further views and thumbnails are added.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    # With an index of the pair instead.
    image1 = models.ForeignKey(
        StoredImage, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    image2 = models.ForeignKey(StoredImage, on_delete=models.PROTECT, related_name="+")
    mask_image = models.ForeignKey(
        StoredImage, on_delete=models.PROTECT, null=True, related_name="+"
    )
    source1 = models.TextField()
    source2 = models.TextField()
    mask_source = models.TextField(blank=True)
    options = models.JSONField()
    # Also in the options; a column of its own for filters.
    method = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # Null where none was applied, as in the API.
    size_policy_applied = models.CharField(max_length=10, null=True)  # noqa: DJ001
    mse = models.FloatField("MSE")
    psnr = models.FloatField("PSNR", null=True)
    ssim = models.FloatField("SSIM", null=True)
    diff_pixels = models.PositiveBigIntegerField()
    total_pixels = models.PositiveBigIntegerField()
    diff_ratio = models.FloatField()
    antialiased_pixels = models.PositiveBigIntegerField(default=0)
    ignored_pixels = models.PositiveBigIntegerField(default=0)
    alpha_diff_pixels = models.PositiveBigIntegerField(default=0)
    regions = models.JSONField()
    regions_left_out = models.PositiveIntegerField(default=0)
    match = models.BooleanField("verdict")
    # Null for comparisons that were recorded before there were any.
    warnings = models.JSONField(null=True)
    result_image = models.FileField(max_length=255)
    engine = models.CharField(max_length=50)
    duration_ms = models.FloatField()

    objects = ComparisonManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        get_latest_by = "created_at"
        # Each ends as the history is sorted, so that its first page is found without sorting.
        indexes = [
            models.Index(fields=["image1", "image2", "created_at"], name="comparison_pair"),
            models.Index(fields=["created_at", "id"], name="comparison_newest"),
            models.Index(fields=["match", "created_at", "id"], name="comparison_match"),
            models.Index(fields=["method", "created_at", "id"], name="comparison_method"),
            models.Index(
                fields=["size_policy_applied", "created_at", "id"], name="comparison_size_policy"
            ),
            models.Index(fields=["mse", "id"], name="comparison_mse"),
            models.Index(fields=["diff_ratio", "id"], name="comparison_diff_ratio"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(mse__gte=0, mse__lte=MAX_MSE), name="mse_in_range"),
            models.CheckConstraint(
                condition=Q(mse=0, psnr__isnull=True) | Q(mse__gt=0, psnr__isnull=False),
                name="psnr_infinite_exactly_for_mse_0",
            ),
            models.CheckConstraint(
                condition=Q(total_pixels=F("width") * F("height"), total_pixels__gte=1),
                name="total_pixels_are_width_times_height",
            ),
            models.CheckConstraint(
                condition=Q(diff_pixels__lte=F("total_pixels") - F("ignored_pixels")),
                name="diff_pixels_within_compared_pixels",
            ),
            models.CheckConstraint(
                condition=Q(diff_ratio__gte=0, diff_ratio__lte=1), name="diff_ratio_in_range"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        return Comparison.objects.get_queryset().filter(pk=self.pk).delete()

    @property
    def size_differs(self) -> bool:
        return self.size_policy_applied is not None

    @property
    def known_warnings(self) -> list[dict[str, Any]]:
        """Get the warnings that were recorded; of a row without any, what its sizes tell."""
        if self.warnings is not None:
            return list(self.warnings)
        if self.size_policy_applied is None:
            return []
        size1, size2 = ((image.width, image.height) for image in (self.image1, self.image2))
        # They may have been corrected since.
        if size1 == size2:
            return []
        policy = SizePolicy(self.size_policy_applied)
        return [warning.to_json() for warning in warn_of_sizes(policy, size1, size2)]

    @property
    def inputs(self) -> dict[str, tuple[str, StoredImage]]:
        """Get the source and the content of each input by its field."""
        inputs = {"image1": (self.source1, self.image1), "image2": (self.source2, self.image2)}
        if self.mask_image:
            inputs["mask_image"] = (self.mask_source, self.mask_image)
        return inputs

    def load_options(self) -> Options:
        return load_options(self.options)

    def find_view(self, view: str) -> FieldFile | None:
        """Return the file of a picture, or None if it has to be rendered."""
        if view == "mask":
            return find_whole(self.result_image)
        rendered = self.rendered_views.filter(view=view).first()
        return find_whole(rendered.file) if rendered else None

    def read_mask(self) -> bytes:
        """:raises FileNotFoundError: the file is missing or damaged."""
        if not self.find_view("mask"):
            raise FileNotFoundError(self.result_image.name)
        return read_file(self.result_image)

    def read_input(self, name: str) -> bytes:
        """Read ``image1``, ``image2`` or ``mask_image``.

        :raises ContentMissing: its file is missing or damaged.
        :raises Comparison.DoesNotExist: the comparison has been deleted.
        """
        _, stored = self.inputs[name]
        with self.explaining_loss(name):
            return stored.read_content()

    def find_input_file(self, name: str) -> FieldFile:
        """Return the file of an input.

        :raises ContentMissing: its file is missing or damaged.
        :raises Comparison.DoesNotExist: the comparison has been deleted.
        """
        _, stored = self.inputs[name]
        with self.explaining_loss(name):
            return stored.find_file()

    @contextmanager
    def explaining_loss(self, name: str) -> Iterator[None]:
        """Tell an input whose file is lost from one that has been deleted since its row was read."""
        try:
            yield
        except FileNotFoundError as error:
            Comparison.objects.only("pk").get(pk=self.pk)
            _, stored = self.inputs[name]
            reason = f"{name} of comparison {self.pk} is lost: {stored.file.name}: {error}"
            raise ContentMissing(name, reason) from error

    def find_thumbnail(self, name: str) -> FieldFile | None:
        """Return the thumbnail of ``image1``, ``image2`` or ``mask``, or None if it has to be rendered."""
        if name == "mask":
            return self.find_view(MASK_THUMBNAIL)
        _, stored = self.inputs[name]
        return stored.find_thumbnail()

    def keep_thumbnail(self, name: str, webp: bytes) -> FieldFile:
        """Store a thumbnail, unless another request has done so; return the file that is stored.

        :raises ObjectDoesNotExist: what it shows has been deleted.
        """
        if name == "mask":
            return self.keep_view(MASK_THUMBNAIL, webp)
        _, stored = self.inputs[name]
        return stored.keep_thumbnail(webp)

    def keep_view(self, view: str, content: bytes) -> FieldFile:
        """Store a rendered picture, unless another request has done so; return the file that is stored.

        :raises Comparison.DoesNotExist: the comparison has been deleted.
        """
        replaced = ""
        with new_files() as files:
            name = files.write(self.view_file_name(view), content)
            with writing():
                comparison = Comparison.objects.select_for_update().get(pk=self.pk)
                kept = comparison.find_view(view)
                if not kept:
                    replaced, kept = comparison.replace_view(view, name)
            files.keep(str(kept.name))
        delete_lost_on_commit(replaced)
        return kept

    def replace_view(self, view: str, name: str) -> tuple[str, FieldFile]:
        """Set the file of a picture; return the name of the file that it replaces, if any, and the file."""
        if view == "mask":
            replaced, self.result_image.name = str(self.result_image.name), name
            self.save(update_fields=["result_image"])
            return replaced, self.result_image
        rendered, is_new = self.rendered_views.get_or_create(view=view, defaults={"file": name})
        if is_new:
            return "", rendered.file
        replaced, rendered.file.name = str(rendered.file.name), name
        rendered.save(update_fields=["file"])
        return replaced, rendered.file

    def view_file_name(self, view: str) -> str:
        ending = "webp" if view == MASK_THUMBNAIL else "png"
        return f"{VIEW_FOLDER}/{self.created_at:%Y/%m/%d}/{self.id}-{view}.{ending}"


class RememberedComparison(models.Model):
    """That a browser has asked for a comparison: a row, as several requests can be at it at once."""

    comparison = models.OneToOneField(
        Comparison, on_delete=models.CASCADE, primary_key=True, related_name="remembered"
    )
    browser = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return f"{self.comparison_id} of {self.browser}"


class RenderedView(models.Model):
    """A picture of a comparison beside its mask, kept from when it was first asked for."""

    comparison = models.ForeignKey(
        Comparison, on_delete=models.CASCADE, related_name="rendered_views"
    )
    view = models.CharField(max_length=20)
    file = models.FileField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comparison", "view"], name="view_rendered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.view} of {self.comparison_id}"


def find_needed_files() -> set[str]:
    """List the files that rows point at."""
    return {
        *StoredImage.objects.values_list("file", flat=True),
        *StoredImage.objects.exclude(thumbnail="").values_list("thumbnail", flat=True),
        *Comparison.objects.values_list("result_image", flat=True),
        *RenderedView.objects.values_list("file", flat=True),
    }
