"""Parsers whose cost is bounded before they begin: by the bytes beside the images, and by numbers."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    StrictParserError,
)
from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles

from comparisons.fetch import UrlInvalid, decode_base64, is_data_url
from comparisons.spool import Spool

from .data_urls import URL_FIELDS, DataUrl, parse_json_with_data_urls, read_form_value
from .environ import count_body_bytes, find_cancellation, release_body
from .headers import parse_parameters
from .limits import MAX_TEXT_BYTES, admit_body

# A data: URL up to this stays a text, as a page shows it again in its form.
MAX_SHORT_URL_BYTES = 1000
# Each may be a file on the disk: the three images, and some that are one too many.
MAX_IMAGES = 10
CHUNK_BYTES = 64 * 1024
BEGINNING_BYTES = 64
MAX_PART_HEADERS = 8
MAX_PART_HEADER_BYTES = 4096

PAIR = re.compile(rb"([^&=]*+)=?+([^&]*+)&?+")
DATA_URL_IN_FORM = re.compile(rb"(?:\+|%20)*+data(?::|%3a)", re.IGNORECASE)


class BoundedParser(parsers.BaseParser):
    """Reads a body that has been received while there is memory for it, and then lets go of it."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        with admit_body(count_body_bytes(request), find_cancellation(request)):
            parsed = self.read(stream, media_type or "")
        release_body(request)
        return parsed

    def read(self, stream: IO[bytes], media_type: str) -> Any:
        raise NotImplementedError


class JSONParser(BoundedParser):
    media_type = "application/json"

    def read(self, stream: IO[bytes], media_type: str) -> Any:  # noqa: ARG002
        return parse_json_with_data_urls(stream.read())


class FormParser(BoundedParser):
    """Reads an urlencoded form."""

    media_type = "application/x-www-form-urlencoded"

    def read(self, stream: IO[bytes], media_type: str) -> "DataAndFiles[Any, Any]":  # noqa: ARG002
        body = stream.read()
        if body.count(b"&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise TooManyFieldsSent("The form has too many fields.")
        fields = Fields()
        for pair in PAIR.finditer(body):
            value = pair.span(2)
            is_long_url = (
                value[1] - value[0] > MAX_SHORT_URL_BYTES
                and pair[1].decode(errors="replace") in URL_FIELDS
                and DATA_URL_IN_FORM.match(body, *value)
            )
            if is_long_url:
                fields.add_image(pair[1].decode(), DataUrl(read_form_value(body, *value)))
            elif pair[0].strip(b"&"):
                fields.count_text(pair.end() - pair.start())
                fields.add_text(*(b"".join(read_form_value(body, *pair.span(n))) for n in (1, 2)))
        return fields.collect()


class MultiPartParser(BoundedParser):
    """Reads a form with files; all of any size goes to the disk, and only names that are known matter."""

    media_type = "multipart/form-data"

    def read(self, stream: IO[bytes], media_type: str) -> "DataAndFiles[Any, Any]":
        fields = Fields()
        try:
            boundary = parse_parameters(media_type).get("boundary", "")
            for part in read_parts(stream, boundary, fields):
                if part.file_name:
                    fields.add_image(part.name, part.make_upload())
                elif part.is_data_url and part.size_bytes > MAX_SHORT_URL_BYTES:
                    fields.add_image(part.name, DataUrl(part.read_pieces()))
                else:
                    fields.add_text(part.name.encode(), b"".join(part.read_pieces()))
        except ParserLimitReached as error:
            raise RequestDataTooBig(f"The form is too large: {error}.") from error
        except UrlInvalid as error:
            raise ParseError("Multipart form parse error - a part is not valid base64") from error
        except (MultipartError, ValueError) as error:
            raise ParseError(f"Multipart form parse error - {error.args[0]}") from error
        return fields.collect()


class Fields:
    """The fields of a form, as they are found."""

    def __init__(self) -> None:
        self._texts = QueryDict(mutable=True)
        self._images: MultiValueDict[str, Any] = MultiValueDict()
        self._image_count = 0
        self._text_bytes = 0

    def count_text(self, size_bytes: int) -> None:
        """:raises RequestDataTooBig: there is more text than any request needs."""
        self._text_bytes += size_bytes
        if self._text_bytes > MAX_TEXT_BYTES:
            raise RequestDataTooBig(
                f"The form has more than {MAX_TEXT_BYTES} bytes beside its images."
            )

    def add_text(self, name: bytes, value: bytes) -> None:
        self._texts.appendlist(name.decode(errors="replace"), value.decode(errors="replace"))

    def add_image(self, name: str, image: UploadedFile[bytes] | DataUrl) -> None:
        """:raises TooManyFilesSent: there are more than any request needs."""
        self._images.appendlist(name, image)
        self._image_count += 1
        if self._image_count > MAX_IMAGES:
            raise TooManyFilesSent("The form has too many images.")

    def collect(self) -> "DataAndFiles[Any, Any]":
        return DataAndFiles(self._texts, self._images)


class Part:
    """A part of a multipart body: a file if it has a file name, else a text."""

    def __init__(self, segment: MultipartSegment) -> None:
        self.name = (segment.name or "").strip()
        # The library knows no filename*, by which older clients send names beyond ASCII.
        parameters = parse_parameters(segment.header("Content-Disposition"))
        self.file_name = clean_file_name(parameters.get("filename", ""))
        self.content_type = segment.content_type
        self.is_base64 = segment.header("Content-Transfer-Encoding", "").strip() == "base64"
        self.size_bytes = 0
        self._beginning = ""
        self._content = Spool()

    @property
    def is_data_url(self) -> bool:
        return self.name in URL_FIELDS and is_data_url(self._beginning)

    @property
    def is_text(self) -> bool:
        return not self.file_name and not self.is_data_url

    def write(self, chunk: bytes) -> None:
        if not self._beginning:
            self._beginning = chunk[:BEGINNING_BYTES].decode("latin-1").lstrip()
        self._content.write(chunk)
        self.size_bytes += len(chunk)

    def read_pieces(self) -> Iterator[bytes]:
        self._content.seek(0)
        pieces = iter(lambda: self._content.read(CHUNK_BYTES), b"")
        return decode_base64(pieces) if self.is_base64 else pieces

    def make_upload(self) -> UploadedFile[bytes]:
        content = self._content
        if self.is_base64:
            content = Spool()
            content.writelines(self.read_pieces())
        size_bytes = content.tell()
        content.seek(0)
        return UploadedFile(content, self.file_name, self.content_type, size_bytes)


def read_parts(stream: IO[bytes], boundary: str, fields: Fields) -> Iterator[Part]:
    """Yield each part once it is complete; the texts among them are counted as they come."""
    parser = PushMultipartParser(
        boundary,
        max_header_size=MAX_PART_HEADER_BYTES,
        max_header_count=MAX_PART_HEADERS,
        max_segment_count=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        # Lenient, it joins headers of many lines, which takes the square of their number.
        strict=True,
    )
    part = None
    while chunk := stream.read(CHUNK_BYTES):
        try:
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    part = Part(event)
                    fields.count_text(sum(len(name) + len(v) for name, v in event.headerlist))
                elif part and event is not None:
                    part.write(event)
                    if part.is_text:
                        fields.count_text(len(event))
                elif part:
                    yield part
        except StrictParserError:
            # It is only what follows the end, if this is not raised again.
            parser.close()
            return
    parser.close()


def clean_file_name(name: str) -> str:
    """Leave the last part of a path, as browsers and systems write them, in printable characters."""
    last = html.unescape(name).rpartition("/")[2].rpartition("\\")[2]
    return "".join(character for character in last if character.isprintable()).strip()
