"""Reading objects of S3 and compatible servers, on connections that break.

The client is boto3, an optional dependency: `pip install "narrows-data[s3]"`. Credentials come from its usual chain
(environment, files, roles) and never pass through here, so they cannot get into a log or a message.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from narrows.data.errors import AudioFileError, DataError

CHUNK = 1 << 20
"""Bytes asked of the connection at once."""
TIMEOUT = 20
"""Seconds to connect, and to wait for the next bytes."""

HINTS = {
    "NoSuchBucket": "the bucket does not exist",
    "404": "the bucket does not exist",
    "NoSuchKey": "the object does not exist",
    "AccessDenied": "access is denied: check the credentials and the policy of the bucket",
    "403": "access is denied: check the credentials and the policy of the bucket",
    "InvalidAccessKeyId": "the access key is not known there: check the credentials or 'profile'",
    "SignatureDoesNotMatch": "the secret key does not fit the access key: check the credentials or 'profile'",
    "ExpiredToken": "the credentials have expired",
    "PreconditionFailed": "the object was replaced while it was read",
    "NoCredentialsError": "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or 'profile'",
    "EndpointConnectionError": "the server cannot be reached: check 'endpoint_url' and the network",
    "ConnectTimeoutError": "the server does not answer: check 'endpoint_url' and the network",
    "ConnectionClosedError": "the server closes the connection",
}
"""What S3's error codes and the client's exceptions mean to the user."""
PERMANENT = {"NoSuchBucket", "NoSuchKey", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}
PERMANENT |= {"PreconditionFailed", "403", "404", "412"}


class S3Object(NamedTuple):
    """An object in a bucket."""

    bucket: str
    key: str
    size: int
    etag: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass
class S3Store:
    """A server, and how to reach it. Survives pickling and forks: each process makes its own client.

    Attributes:
        profile: profile of the credentials in the AWS files.
        endpoint_url: address of a compatible server.
        region: region of the bucket.
        retries: how often in a row a request is tried again.
    """

    profile: str | None = None
    endpoint_url: str | None = None
    region: str | None = None
    retries: int = 8

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "client"}

    @cached_property
    def client(self) -> Any:
        """The client of this process."""
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import ProfileNotFound
        except ImportError as error:
            raise DataError('Reading S3 needs an optional package: pip install "narrows-data[s3]"') from error
        retries = {"max_attempts": max(1, self.retries), "mode": "standard"}
        settings = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries=retries)
        try:
            session = boto3.session.Session(profile_name=self.profile, region_name=self.region)
            region = session.region_name or "us-east-1"
            return session.client("s3", endpoint_url=self.endpoint_url, region_name=region, config=settings)
        except ProfileNotFound as error:
            raise DataError(f"The profile {self.profile!r} is not in the AWS configuration files") from error

    def find(self, url: str, ending: str) -> list[S3Object]:
        """All objects below an address whose name has an ending, sorted.

        Raises:
            DataError: the bucket cannot be listed.
        """
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        with _clear_errors(url, DataError):
            found = [entry for page in pages for entry in page.get("Contents", [])]
        inside = prefix if not prefix or prefix.endswith(("/", ending)) else f"{prefix}/"
        objects = [S3Object(bucket, e["Key"], e["Size"], e["ETag"]) for e in found if e["Key"].endswith(ending)]
        return sorted(o for o in objects if o.key.startswith(inside))

    def open(self, place: S3Object) -> io.BufferedReader:
        """The content of an object, as a stream that goes on after broken connections."""
        return io.BufferedReader(ResumingReader(self, place), CHUNK)


class ResumingReader(io.RawIOBase):
    """Reads an object from front to back; after a fault it asks for the rest, from the byte where it stood.

    It reads one version of the object: a replaced one is an error, not a mixture.

    Args:
        store: where the object is.
        place: the object.
        sleep: waits between attempts; for tests.
    """

    def __init__(self, store: S3Store, place: S3Object, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._store, self._place, self._sleep = store, place, sleep
        self._position = 0
        self._body: Any = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes.

        Raises:
            AudioFileError: they cannot be had, after all retries.
        """
        wanted = min(len(buffer), self._place.size - self._position)
        if wanted <= 0:
            return 0
        data = self._next(wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        super().close()

    def _next(self, wanted: int) -> bytes:
        with _clear_errors(self._place.url, AudioFileError):
            for attempt in range(self._store.retries + 1):
                try:
                    data: bytes = self._connection().read(wanted)
                    if data:
                        return data
                    raise ConnectionError("the connection ended early")
                except Exception as error:
                    self._drop()
                    if attempt == self._store.retries or not _passes(error):
                        raise
                    self._sleep(min(5.0, 0.05 * 2**attempt))
        raise AssertionError("not reached: the last attempt returns or raises")

    def _connection(self) -> Any:
        if self._body is None:
            answer = self._store.client.get_object(
                Bucket=self._place.bucket,
                Key=self._place.key,
                Range=f"bytes={self._position}-",
                IfMatch=self._place.etag,
            )
            self._body = answer["Body"]
        return self._body

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def _code(error: BaseException) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _passes(error: Exception) -> bool:
    """Whether a fault may be gone the next time."""
    return _code(error) not in PERMANENT and type(error).__name__ not in {
        "NoCredentialsError",
        "PartialCredentialsError",
    }


@contextmanager
def _clear_errors(url: str, kind: type[DataError]) -> Iterator[None]:
    """Turn what the client raises into one line: the client's own text may hold headers, so it is left out."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        code, name = _code(error), type(error).__name__
        reason = HINTS.get(code) or HINTS.get(name) or code or name
        failure = AudioFileError(url, reason) if kind is AudioFileError else kind(f"{url}: {reason}")
        raise failure from None
