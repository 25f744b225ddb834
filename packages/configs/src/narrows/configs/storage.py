"""Objects behind addresses (`s3://`, `gs://`, `hf://`, `https://`, …): one place reads, writes and explains failures.

It stands on fsspec, whose file systems are optional packages: `pip install "narrows-configs[remote]"`. Credentials come
from the usual chain of each (environment, files, roles) and never pass through here.

An object is read in ranges that are all of one version: a replaced object is an error, not a mixture. A range whose
connection breaks is asked for again. An object is written whole or not at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, NamedTuple

from narrows.configs.errors import NarrowsError
from narrows.configs.files import atomic_file

SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+):/{1,2}(?P<rest>.+)")
"""With one slash too: a path has no empty parts."""
WEB = ("http", "https")
"""Servers that list nothing: an address there is one file."""
PACKAGES = {
    **{"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gs"), "hf": ("huggingface_hub", "remote")},
    **dict.fromkeys(WEB, ("aiohttp", "remote")),
}
"""What each scheme needs, and the extra that brings it."""
TAGS = ("ETag", "etag", "generation", "blob_id", "created")
"""What tells versions of an object apart, by the names that file systems give it: S3, Google, Hugging Face, others."""
BLOCK = 1 << 20
"""Bytes of a range; a broken connection costs no more than one."""
TIMEOUT = 20
"""Seconds to connect, and to wait for the next bytes."""
HINTS = {
    "NoSuchBucket": "the bucket does not exist",
    "NoSuchKey": "the object does not exist",
    "404": "the object does not exist",
    "AccessDenied": "access is denied: check the credentials and the policy of the bucket",
    "403": "access is denied: check the credentials and the policy of the bucket",
    "InvalidAccessKeyId": "the access key is not known there: check the credentials or 'profile'",
    "SignatureDoesNotMatch": "the secret key does not fit the access key: check the credentials or 'profile'",
    "ExpiredToken": "the credentials have expired",
    "PreconditionFailed": "the object was replaced while it was read",
    "FileExpired": "the object was replaced while it was read",
    "SlowDown": "the storage asks for fewer requests: use fewer processes, or try again later",
    "NoCredentialsError": "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or 'profile'",
    "ProfileNotFound": "the profile is not in the AWS configuration files",
    "EndpointConnectionError": "the server cannot be reached: check 'endpoint_url' and the network",
    "ConnectTimeoutError": "the server does not answer: check 'endpoint_url' and the network",
    "ConnectionClosedError": "the server closes the connection",
    "FileNotFoundError": "the object does not exist",
    "PermissionError": "access is denied: check the credentials and the policy of the bucket",
}
"""What error codes of services and exceptions of clients mean to the user; their own text may hold headers."""


class StorageError(NarrowsError, OSError):
    """An object that cannot be read or written, with its address and the way out."""


class Stored(NamedTuple):
    """An object."""

    address: str
    size: int
    tag: str
    """What tells its version from others; empty where the storage has none."""


def address_of(path: str | os.PathLike[str]) -> str | None:
    """The address that a path is; None for a path in the file system."""
    text = os.fspath(path)
    found = SCHEME.fullmatch(text)
    if found is None or _is_local(found["scheme"], text):
        return None
    return f"{found['scheme']}://{found['rest']}"


def _is_local(scheme: str, text: str) -> bool:
    """Whether a text with one slash is below a folder here whose name ends in a colon, and not an address."""
    return scheme not in PACKAGES and not text.startswith(f"{scheme}://") and Path(f"{scheme}:").is_dir()


@dataclass
class Storage:
    """How a storage is reached. Survives pickling and forks: each process makes its own client.

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
    _clients: dict[tuple[int, str], Any] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_clients": {}}

    def find(self, address: str, ending: str = "") -> list[Stored]:
        """All objects below an address whose name has an ending, sorted; behind `https://` the file itself.

        Raises:
            StorageError: they cannot be listed.
        """
        with explained(address):
            client, path = self.client(address)
            if address.startswith(tuple(f"{scheme}:" for scheme in WEB)):
                if not path.partition("?")[0].endswith(ending):
                    raise StorageError(f"{address}: a web server lists no files: name one that ends in {ending}")
                return [_on_the_web(address, client.info(path))]
            self._check_bucket(client, address, path)
            found = client.find(path, withdirs=False, detail=True)
            objects = [_stored(address, entry) for name, entry in found.items() if name.endswith(ending)]
        return sorted(objects)

    def below(self, address: str) -> list[Stored]:
        """The object of an address, and those below it, sorted.

        Listings go by the beginning of names, and what only begins like the address, such as `model2` beside `model`,
        is no part of it.

        Raises:
            StorageError: they cannot be listed.
        """
        address = address.rstrip("/")
        return [p for p in self.find(address) if p.address == address or p.address.startswith(f"{address}/")]

    def open(self, place: Stored) -> IO[bytes]:
        """The content of an object, of this version only.

        Raises:
            StorageError: it cannot be had; or while it is read.
        """
        with explained(place.address):
            client, path = self.client(place.address)
            file: IO[bytes] = client.open(path, "rb", block_size=BLOCK, cache_type="readahead")
            if place.tag and _tag(getattr(file, "details", None) or {}) not in ("", place.tag):
                file.close()
                raise StorageError(f"{place.address}: {HINTS['FileExpired']}")
        return file

    def read(self, address: str) -> bytes:
        """The content of an object."""
        with explained(address):
            client, path = self.client(address)
            content: bytes = client.cat_file(path)
        return content

    def exists(self, address: str) -> bool:
        """Whether there is an object."""
        with explained(address):
            client, path = self.client(address)
            return bool(client.exists(path))

    def put(self, local: Path, address: str) -> None:
        """Write an object, in place of the one that may be there."""
        with explained(address):
            client, path = self.client(address)
            client.put_file(str(local), path)

    def remove(self, address: str) -> None:
        """Remove an object."""
        with explained(address):
            client, path = self.client(address)
            client.rm_file(path)

    def put_new(self, content: bytes, address: str) -> bool:
        """Write an object if there is none; of several writers, one.

        Returns:
            Whether it was this one.
        """
        try:
            with explained(address):
                client, path = self.client(address)
                client.pipe_file(path, content, mode="create")
        except FileExistsError:
            return False
        return True

    def download(self, place: Stored, target: Path) -> None:
        """Copy an object to a file, which appears when it is whole."""
        with atomic_file(target) as temporary, temporary.open("wb") as file, self.open(place) as source:
            while True:
                with explained(place.address):
                    data = source.read(BLOCK)
                if not data:
                    break
                file.write(data)

    def client(self, address: str) -> tuple[Any, str]:
        """The file system of an address, and its path there."""
        scheme, _, rest = address.partition("://")
        key = os.getpid(), scheme
        if key not in self._clients:
            self._clients = {key: self._connected(scheme)}
        return self._clients[key], address if scheme in WEB else rest

    def _connected(self, scheme: str) -> Any:
        package, extra = PACKAGES.get(scheme, ("fsspec", "remote"))
        if find_spec(package) is None:
            raise StorageError(f'{scheme}:// needs an optional package: pip install "narrows-configs[{extra}]"')
        import fsspec

        options: dict[str, Any] = {}
        if scheme == "s3":
            limits = {"connect_timeout": TIMEOUT, "read_timeout": TIMEOUT}
            named = {"endpoint_url": self.endpoint_url, "region_name": self.region}
            options = {
                "profile": self.profile,
                "client_kwargs": {name: value for name, value in named.items() if value is not None},
                "config_kwargs": {**limits, "retries": {"max_attempts": max(1, self.retries), "mode": "standard"}},
            }
        try:
            client = fsspec.filesystem(scheme, skip_instance_cache=True, use_listings_cache=False, **options)
        except ValueError as error:
            raise StorageError(
                f"{scheme}:// is no kind of storage that is known here: write s3://, gs://, hf:// or https://"
            ) from error
        if scheme == "s3":
            client.retries = self.retries + 1
        return client

    def _check_bucket(self, client: Any, address: str, path: str) -> None:
        """s3fs finds nothing in a bucket that is not there, without a word."""
        if address.startswith("s3://"):
            client.call_s3("list_objects_v2", Bucket=path.partition("/")[0], MaxKeys=1)


def _stored(address: str, entry: dict[str, Any]) -> Stored:
    name = str(entry["name"])
    return Stored(f"{address.partition('://')[0]}://{name.lstrip('/')}", int(entry["size"]), _tag(entry))


def _on_the_web(address: str, found: dict[str, Any]) -> Stored:
    if found.get("size") is None or found.get("partial") is False:
        raise StorageError(f"{address}: the server does not give parts of its files: download it first")
    return Stored(address, int(found["size"]), _tag(found))


def _tag(entry: dict[str, Any]) -> str:
    return next((str(entry[key]) for key in TAGS if entry.get(key)), "")


def reason_of(error: BaseException) -> str:
    """What a client's exception means, in one line."""
    seen: BaseException | None = error
    while seen is not None:
        response = getattr(seen, "response", None)
        code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
        for name in (code, type(seen).__name__):
            if name in HINTS and name not in ("FileNotFoundError", "PermissionError"):
                return HINTS[name]
        seen = seen.__cause__
    return HINTS.get(type(error).__name__) or type(error).__name__


@contextmanager
def explained(address: str, make: Callable[[str, str], Exception] | None = None) -> Iterator[None]:
    """Turn what a client raises into one line with the address; that a file exists is no failure.

    Args:
        address: of the object.
        make: the error, from address and reason; None for a `StorageError`.
    """
    try:
        yield
    except (FileExistsError, GeneratorExit):
        raise
    except NarrowsError as error:
        if make is None or not isinstance(error, StorageError):
            raise
        raise make(address, str(error).removeprefix(f"{address}: ")) from None
    except Exception as error:
        reason = reason_of(error)
        raise (make(address, reason) if make else StorageError(f"{address}: {reason}")) from None
