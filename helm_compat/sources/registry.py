"""Questions to registries: whether an image is there, and by which digest.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md and, for tokens,
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import urllib.request
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from urllib3.util import Retry, Timeout

from helm_compat.errors import CompatError
from helm_compat.images.reference import DOCKER_HUB, Reference
from helm_compat.sources.credentials import Credentials, Login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONCE = 16

# All kinds of manifests: a registry answers with a tag's own only when it is asked for.
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_LARGEST_MANIFEST = 4 * 1024 * 1024
_REDIRECTS = 5
# A registry may ask for hours; nobody waits for that on the way of an upgrade.
_LONGEST_WAIT = 30
_challenge = re.compile(r'([A-Za-z]+)="([^"]*)"')
_HUB_HOST = "registry-1.docker.io"


class NotThere(CompatError):
    """A registry answers that it has no such image."""

    exit_status = 1


class Refused(CompatError):
    """A registry does not let us see an image, or cannot be asked; the message says why.

    `status` is that of its answer, 0 where there is none.
    """

    exit_status = 3

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Access(NamedTuple):
    """How registries are reached: those that speak plain HTTP, and a file of further CAs.

    `seconds` is the limit for one answer, `attempts` how often a question is asked again that a
    registry has no time for.
    """

    plain: frozenset[str] = frozenset()
    ca_file: str = ""
    seconds: float = 30
    attempts: int = 3


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    data: bytes


class Registry:
    """Asks any registries, from several threads at once; connections and tokens are kept."""

    def __init__(self, access: Access, credentials: Credentials) -> None:
        self._access = access
        self._credentials = credentials
        self._lock = threading.Lock()
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._down: dict[str, str] = {}

    def digest(self, reference: Reference) -> str:
        """The digest of an image, an index for what it is; raises NotThere and Refused."""
        answer = self._manifest("HEAD", reference)
        found = answer.headers.get("Docker-Content-Digest", "")
        if found and ":" in found:
            return found
        # The header may be missing; then the digest is that of the manifest itself.
        answer = self._manifest("GET", reference)
        return f"sha256:{hashlib.sha256(answer.data).hexdigest()}"

    def manifest(self, reference: Reference) -> bytes:
        """The manifest or index of an image as it is there; raises NotThere and Refused."""
        return self._manifest("GET", reference).data

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()

    def _manifest(self, method: str, reference: Reference) -> _Answer:
        what = reference.digest or reference.tag or "latest"
        base = self._base(reference.domain)
        url = f"{base}/v2/{reference.path}/manifests/{what}"
        answer = self._send(method, url, reference)
        if answer.status == 200:
            return answer
        if answer.status == 404:
            raise NotThere(f"{reference}: {_said(answer) or 'not there'}")
        raise Refused(f"{reference}: {_explained(answer)}", answer.status)

    def _base(self, domain: str) -> str:
        if domain in self._access.plain:
            return f"http://{domain}"
        return f"https://{_HUB_HOST if domain == DOCKER_HUB else domain}"

    def _send(self, method: str, url: str, reference: Reference) -> _Answer:
        """Ask once, and once more with what a challenge asks for."""
        headers = {"Accept": _ACCEPT}
        scope = f"repository:{reference.path}:pull"
        known = self._tokens.get((reference.domain, scope)) or self._tokens.get(
            (reference.domain, "")
        )
        if known:
            headers["Authorization"] = known
        answer = self._follow(method, url, headers, reference)
        if answer.status != 401:
            return answer
        login = self._login(reference)
        given = self._answer_to(answer.headers.get("WWW-Authenticate", ""), reference, login)
        if not given or given == known:
            return answer
        return self._follow(method, url, {**headers, "Authorization": given}, reference)

    def _login(self, reference: Reference) -> Login | None:
        # A helper program is not asked by all threads at once.
        with self._lock:
            return self._credentials.find(reference.domain, reference.path)

    def _answer_to(self, challenge: str, reference: Reference, login: Login | None) -> str:
        """What the header Authorization is to be, empty where there is nothing to say."""
        scheme, _, rest = challenge.partition(" ")
        values = dict(_challenge.findall(rest))
        if scheme.lower() == "basic":
            given = _basic(login)
            self._tokens[reference.domain, ""] = given
            return given
        if scheme.lower() != "bearer" or not values.get("realm"):
            return ""
        scope = values.get("scope") or f"repository:{reference.path}:pull"
        token = self._token(values, scope, reference, login)
        if not token:
            return ""
        given = f"Bearer {token}"
        self._tokens[reference.domain, f"repository:{reference.path}:pull"] = given
        return given

    def _token(
        self, values: Mapping[str, str], scope: str, reference: Reference, login: Login | None
    ) -> str:
        realm, service = values["realm"], values.get("service", "")
        plain = self._base(reference.domain).startswith("http:")
        if urlsplit(realm).scheme != "https" and not plain:
            raise Refused(f"{reference}: the registry wants its tokens to be fetched without TLS")
        if login and login.token:
            # https://distribution.github.io/distribution/spec/auth/oauth/
            form = {
                "grant_type": "refresh_token",
                "refresh_token": login.token,
                "service": service,
                "scope": scope,
                "client_id": "helm-compat",
            }
            answer = self._request("POST", realm, {}, reference, form)
        else:
            query = urlencode({"service": service, "scope": scope})
            headers = {"Authorization": _basic(login)} if login else {}
            mark = "&" if "?" in realm else "?"
            answer = self._request("GET", f"{realm}{mark}{query}", headers, reference)
        if answer.status != 200:
            raise Refused(f"{reference}: no token: {_explained(answer)}", answer.status)
        try:
            data = json.loads(answer.data)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            return ""
        return str(data.get("token") or data.get("access_token") or "")

    def _follow(
        self, method: str, url: str, headers: dict[str, str], reference: Reference
    ) -> _Answer:
        """Follow redirects; credentials stay with the host that they are for."""
        for _ in range(_REDIRECTS):
            answer = self._request(method, url, headers, reference)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            target = urljoin(url, answer.headers.get("Location", ""))
            before, after = urlsplit(url), urlsplit(target)
            if before.scheme == "https" and after.scheme != "https":
                raise Refused(f"{reference}: the registry redirects to {after.netloc} without TLS")
            if (before.scheme, before.netloc) != (after.scheme, after.netloc):
                headers = {k: v for k, v in headers.items() if k != "Authorization"}
            url = target
        raise Refused(f"{reference}: the registry redirects without end")

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        reference: Reference,
        form: Mapping[str, str] | None = None,
    ) -> _Answer:
        host = urlsplit(url).netloc
        if host in self._down:
            raise Refused(f"{reference}: {self._down[host]}")
        try:
            answer = self._pool(url).request(
                method,
                url,
                headers={**headers, "User-Agent": "helm-compat"},
                body=urlencode(form) if form else None,
                redirect=False,
                preload_content=False,
            )
            data = answer.read(_LARGEST_MANIFEST + 1)
            if len(data) > _LARGEST_MANIFEST:
                answer.close()
                raise Refused(f"{reference}: the answer is larger than any manifest")
            answer.release_conn()
            return _Answer(answer.status, answer.headers, data)
        except urllib3.exceptions.HTTPError as error:
            message = f"{host} {_failure(error)}"
            # One that cannot be reached is not asked for every image again; one that broke off an
            # answer may give the next.
            if not isinstance(getattr(error, "reason", error), urllib3.exceptions.ProtocolError):
                self._down[host] = message
            raise Refused(f"{reference}: {message}") from error

    def _pool(self, url: str) -> urllib3.PoolManager:
        """The connections for a URL: straight, or by the proxy that the environment names."""
        parts = urlsplit(url)
        proxies = urllib.request.getproxies_environment()
        proxy = proxies.get(parts.scheme, "")
        if proxy and urllib.request.proxy_bypass(parts.hostname or ""):
            proxy = ""
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._new_pool(proxy)
            return self._pools[proxy]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        import ssl

        try:
            context = ssl.create_default_context()
            if self._access.ca_file:
                context.load_verify_locations(self._access.ca_file)
        except OSError as error:
            message = f"cannot read the CA file {self._access.ca_file}: {error.strerror or error}"
            raise CompatError(message) from error
        retries = Retry(
            total=self._access.attempts,
            connect=1,
            redirect=0,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=None,
            backoff_factor=0.5,
            backoff_max=10,
            raise_on_status=False,
            respect_retry_after_header=True,
            retry_after_max=_LONGEST_WAIT,
        )
        timeout = Timeout(self._access.seconds)
        if proxy:
            return urllib3.ProxyManager(
                proxy, maxsize=AT_ONCE, retries=retries, timeout=timeout, ssl_context=context
            )
        return urllib3.PoolManager(
            maxsize=AT_ONCE, retries=retries, timeout=timeout, ssl_context=context
        )


def _basic(login: Login | None) -> str:
    if not login or login.token:
        return ""
    header = urllib3.make_headers(basic_auth=f"{login.user}:{login.password}")
    return header["authorization"]


def _said(answer: _Answer) -> str:
    """The messages of the errors that a registry answers with.

    https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
    """
    try:
        errors = json.loads(answer.data)["errors"]
        return "; ".join(str(e.get("message") or e.get("code") or "") for e in errors)[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _explained(answer: _Answer) -> str:
    words = {
        401: "the registry wants a login, and that of the credentials is not good",
        403: "the registry does not allow it",
        429: "the registry has had too many questions",
    }
    text = words.get(answer.status, f"the registry answers with HTTP status {answer.status}")
    said = _said(answer)
    return f"{text} ({said})" if said else text


def _failure(error: urllib3.exceptions.HTTPError) -> str:
    """What went wrong with a host, without the layers of the library around it."""
    inner: BaseException = error
    if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason:
        inner = error.reason
    text = str(inner)
    if isinstance(inner, urllib3.exceptions.SSLError):
        plain = "WRONG_VERSION_NUMBER" in text or "HTTP_REQUEST" in text
        if plain:
            return "speaks no TLS: with --http-registry plain HTTP is spoken to it"
        return f"has no certificate that is trusted: {_shortened(text)}"
    if isinstance(inner, urllib3.exceptions.NewConnectionError):
        return f"cannot be reached: {_shortened(text)}"
    if isinstance(inner, urllib3.exceptions.TimeoutError):
        return "does not answer"
    if isinstance(inner, urllib3.exceptions.ProtocolError):
        return "broke off its answer"
    return f"cannot be reached: {_shortened(text)}"


def _shortened(text: str) -> str:
    """The last clause of a message of the library: what the system or TLS says."""
    said = text.rpartition("certificate verify failed: ")[2] or text
    said = re.sub(r"^.*?: Failed to (?:establish a new connection|resolve '[^']*'):? ?", "", said)
    return re.sub(r"\[Errno -?\d+\] ?|\s*\(_ssl\.c:\d+\)", "", said).strip("() ").lower()
