#!/usr/bin/env python3
"""Checks a Signpost evidence package: python3 verify_evidence.py FILE.zip [--public-key KEY]

For people who do not trust Signpost: it shares no code with it and needs Python 3.9 and nothing else, so that all of it can be read. It
says what holds and what does not, and ends with exit code 1 where anything does not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
import zlib
from datetime import datetime, timedelta

TABLES = ("versions", "approvals", "releases", "audit")
WAITING = timedelta(minutes=5)  # Times are those of asking: of two acts within this, the later one may have come first.


class Checks:
    """What was looked at and what was found."""

    def __init__(self):
        self.wrong = []

    def bad(self, first, message):
        self.wrong.append((first, message))
        if len(self.wrong) <= 20:
            print(f"  WRONG  {first}: {message}")

    def done(self, words, before):
        found = len(self.wrong) - before
        print(f"  {'holds ' if not found else 'BROKEN'} {words}" + (f" ({found} wrong)" if found else ""))


# RFC 8785: the one way to write a JSON value


def canonical(value):
    if plain(value):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if isinstance(value, float):
        return number(value).encode()
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return b"{" + b",".join(canonical(name) + b":" + canonical(value[name]) for name in names) + b"}"


def plain(value):
    """Whether the standard library writes it as RFC 8785 does: no number with a point, and names in ASCII."""
    if isinstance(value, dict):
        return all(name.isascii() and plain(part) for name, part in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return not isinstance(value, float)


def number(value):
    """As ECMAScript writes it: Python finds the same shortest digits, and places the point differently."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + (part if part != "0" else "")).lstrip("0")
    point -= len(whole + (part if part != "0" else "")) - len(digits)
    digits = digits.rstrip("0") or "0"
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    return sign + digits[0] + ("." + digits[1:] if digits[1:] else "") + f"e{'+' if power > 0 else '-'}{abs(power)}"


def read_json(data):
    """Whole numbers as such, however they are written: RFC 8785 writes 700.0 as 700, and they are the quicker ones to write."""
    return json.loads(
        data, parse_float=lambda text: int(float(text)) if float(text).is_integer() and abs(float(text)) < 2**53 else float(text)
    )


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


# Ed25519 by RFC 8032, section 5.1.7: only verifying, which needs no care for secrets

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(count, p):
    total = (0, 1, 1, 0)
    while count:
        if count & 1:
            total = add(total, p)
        p, count = add(p, p), count >> 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def signed(public, data, signature):
    """Whether this is the signature of this data by the owner of this public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, first = point_of(public), point_of(signature[:32])
    second = int.from_bytes(signature[32:], "little")
    if key is None or first is None or second >= ORDER:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % ORDER
    left, right = times(second, BASE), add(first, times(hashed, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def is_signed(public, data, signature):
    try:
        return signed(base64.b64decode(public), data, base64.b64decode(signature))
    except ValueError:
        return False


# The package


def check_files(package, checks):
    """The manifest, its signature, and every file in it."""
    data = package.read("manifest.json")
    manifest = read_json(data)
    before = len(checks.wrong)
    if not is_signed(manifest["public_key"], data, package.read("manifest.sig")):
        checks.bad("manifest.json", "its signature does not hold")
    for name, digest in manifest["files"].items():
        if name not in package.namelist():
            checks.bad(name, "it is in the manifest and not in the package")
        elif hashlib.sha256(package.read(name)).hexdigest() != digest:
            checks.bad(name, "its hash is not that of the manifest: the file was changed")
    for name in set(package.namelist()) - set(manifest["files"]) - {"manifest.json", "manifest.sig"}:
        checks.bad(name, "it is in the package and not in the manifest")
    checks.done(f"{len(manifest['files'])} files, the signature of the manifest", before)
    return manifest


def check_versions(versions, checks):
    """Returns every version by kind, key and number, and the hash of the list after each row."""
    before, known, newest, hashes = len(checks.wrong), {}, {}, []
    for row in versions:
        name = f"{row['kind']} {row['key']} v{row['number']}"
        if sha256(canonical(row["body"])) != row["body_hash"]:
            checks.bad(name, "its body is not what its hash says")
        if row["number"] != newest.get((row["kind"], row["key"]), 0) + 1:
            checks.bad(name, "a version before it is missing")
        newest[row["kind"], row["key"]] = row["number"]
        known[row["kind"], row["key"], row["number"]] = row
        said = {name: value for name, value in row.items() if name != "body"}
        hashes.append(sha256((hashes[-1] if hashes else "").encode() + b"\n" + canonical(said)))
    checks.done(f"{len(versions)} versions: each body is what its hash says", before)
    return known, hashes


def check_approvals(approvals, known, checks):
    before, verdicts, hashes = len(checks.wrong), {}, []
    for place, row in enumerate(approvals, 1):
        name = f"approval {place}, of {row['kind']} {row['key']} v{row['version']}"
        version = known.get((row["kind"], row["key"], row["version"]))
        if version is None or (row["body_hash"], row["author_id"]) != (version["body_hash"], version["author_id"]):
            checks.bad(name, "it is not of the version as that is")
        elif row["reviewer_id"] in (version["author_id"], *version.get("contributors", ())):
            checks.bad(name, "it is by one of those who wrote the version")
        else:
            verdicts.setdefault((row["kind"], row["key"], row["version"]), []).append(row)
        hashes.append(sha256((hashes[-1] if hashes else "").encode() + b"\n" + canonical(row)))
    checks.done(f"{len(approvals)} approvals: each by somebody else than the author, of the body as it is", before)
    return verdicts, hashes


SAID = ("verdict", "reviewer_id", "reviewer_name", "author_id", "body_hash", "comment", "created_at")


def check_verdicts(approvals, events, checks):
    """Each approval against the audit event that tells of it. Those from before the audit log told of any are told of by nobody."""
    before, waiting, untold, told_from = len(checks.wrong), {}, [], len(approvals)
    for place, row in enumerate(approvals):
        waiting.setdefault((row["kind"], row["key"], row["version"]), []).append((place, [row[name] for name in SAID]))
    for row in events:
        if row["action"] not in ("version.approved", "version.changes_asked"):
            continue
        data = row["data"]
        told = [row["action"][len("version.") :], row["actor_id"], row["actor_name"], data["author_id"], data["body_hash"], row["reason"]]
        told.append(row["at"])
        of = (row["object_kind"], row["object_key"], row["object_version"])
        same = [one for one in waiting.get(of, ()) if one[1] == told]
        if same:
            waiting[of].remove(same[0])
            told_from = min(told_from, same[0][0])
        else:
            untold.append((of, row["number"], told))
    for of, number, told in untold:
        thing = f"{of[0]} {of[1]} v{of[2]}"
        if not waiting.get(of):
            checks.bad(f"approval of {thing}", f"audit event {number} tells of it, and it is not there")
            continue
        one = min(waiting[of], key=lambda one: sum(one[1][index] != told[index] for index in range(len(SAID))))
        waiting[of].remove(one)
        told_from = min(told_from, one[0])
        for index, name in enumerate(SAID):
            mine, theirs = one[1][index], told[index]
            if mine != theirs:
                checks.bad(f"approval {one[0] + 1}, of {thing}", f"its {name} is {mine!r}, audit event {number} says {theirs!r}")
    for of, rows in waiting.items():
        for place, _ in rows:
            if place > told_from:
                checks.bad(f"approval {place + 1}, of {of[0]} {of[1]} v{of[2]}", "no audit event tells of it")
    checks.done(f"{len(approvals)} approvals: each as the audit log tells it", before)


def check_chain(rows, word, without, checks):
    """Numbers without a gap, each row what its hash says, each with the hash of the one before it."""
    last = {"number": 0, "hash": ""}
    for row in rows:
        name = f"{word} {row['number']}"
        if sha256(canonical({key: value for key, value in row.items() if key not in without})) != row["hash"]:
            checks.bad(name, "what it says is not what its hash says")
        if row["number"] != last["number"] + 1:
            checks.bad(name, f"it comes after {word} {last['number']}: one between them is missing")
        elif row["prev_hash"] != last["hash"]:
            checks.bad(name, "it does not carry the hash of the one before it")
        last = row


LISTS = {
    "purpose": "purposes", "trait": "traits", "context": "context", "event": "events", "signal": "signals", "tag": "tags",
    "score": "scores", "segment": "segments", "threshold": "thresholds", "template": "templates", "placement": "placements",
}  # fmt: skip


def bundle_of(release, known):
    """What the servers loaded, put together anew from the versions of the manifest. Raises KeyError for a version that is not there."""
    things = {}
    for entry in release["manifest"]:
        version = known[entry["kind"], entry["key"], entry["version"]]
        if version["body_hash"] != entry["body_hash"] or version["body"] is None:
            raise KeyError((entry["kind"], entry["key"], entry["version"]))
        things[entry["kind"], entry["key"]] = {**version["body"], "key": entry["key"], "version": entry["version"]}
    whole = {"schema": release["schema"], "workspace": release["settings"]}
    for kind, name in LISTS.items():
        listed = [dict(things[identity]) for identity in sorted(things) if identity[0] == kind]
        if listed:
            whole[name] = listed
    children = {}
    for (kind, _), rule in things.items():
        if kind == "rule":
            children.setdefault((rule["placement"], rule.get("parent")), []).append(rule)
    for placement in whole.get("placements", ()):
        rules = tree(children, placement["key"], None)
        if rules:
            placement["rules"] = rules
    return canonical(whole)


def tree(children, placement, parent):
    found = []
    for rule in sorted(children.get((placement, parent), ()), key=lambda rule: (rule.get("position", 0), rule["key"])):
        node = {name: value for name, value in rule.items() if name not in ("placement", "parent", "position")}
        below = tree(children, placement, rule["key"])
        found.append({**node, "children": below} if below else node)
    return found


def check_releases(releases, known, verdicts, checks):
    before, seen, earlier = len(checks.wrong), set(), []
    check_chain(releases, "release", ("hash", "settings", "schema", "changes"), checks)
    for release in releases:
        name = f"release {release['number']}"
        key = (release["digest"], canonical(release["manifest"]))
        if key not in seen:
            try:
                if sha256(bundle_of(release, known)) != release["digest"]:
                    checks.bad(name, "what its versions say is not what its digest says was served")
                seen.add(key)
            except (KeyError, TypeError) as error:
                checks.bad(name, f"it holds a version that is not there as it says: {error}")
        manifest = {(entry["kind"], entry["key"]): entry["version"] for entry in release["manifest"]}
        live = [one for one in earlier if one[0] <= release["published_at"]]
        if release["four_eyes"] and not release.get("emergency"):
            check_four_eyes(release, known, live[-1][1] if live else {}, verdicts, checks)
        earlier.append((release["effective_from"], manifest))
    checks.done(f"{len(releases)} releases: chained, each what its versions say, each approved where four eyes were on", before)


def check_four_eyes(release, known, live, verdicts, checks):
    """All that a release brought had a second person's approval; but for what was live anyway, and what a roll-back only took away."""
    for change in release["changes"]:
        identity = (change["kind"], change["key"], change["after"])
        if change["after"] is None or live.get(identity[:2]) == change["after"]:
            continue
        if identity in known and known[identity]["body"] is None and release["rolled_back_to"]:
            continue
        approved, published = False, time_of(release["published_at"])
        for verdict in verdicts.get(identity, ()):
            if verdict["verdict"] == "approved" and time_of(verdict["created_at"]) <= published + WAITING:
                approved = True
            elif verdict["verdict"] != "approved" and time_of(verdict["created_at"]) <= published - WAITING:
                approved = False
        if not approved:
            checks.bad(f"release {release['number']}", f"nobody else had approved {identity[0]} {identity[1]} v{identity[2]}")


def time_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def check_anchors(lines, workspace, trusted, hashes, names, up_to, checks):
    """Every signature, the chain of anchors, and whether all they saw is still as they saw it."""
    before, last, fits = len(checks.wrong), None, dict.fromkeys(hashes, 0)
    for line in lines:
        anchor = line["anchor"]
        name = f"anchor {anchor['number']}"
        data = canonical(anchor)
        if anchor["key"] not in trusted:
            checks.bad(name, "it is signed with a foreign key")
        elif not is_signed(anchor["key"], data, line["signature"]):
            checks.bad(name, "its signature does not hold")
        if last is not None and (anchor["number"], anchor["prev"]) != (last[0] + 1, last[1]):
            checks.bad(name, f"it does not follow anchor {last[0]}: one between them is gone, or was replaced")
        last = (anchor["number"], sha256(data))
        for heads in line["chains"]:
            if sha256(canonical(heads)) not in anchor["heads"]:
                checks.bad(name, "it was not signed with what its line says")
            elif heads["chain"] == workspace:
                check_heads(anchor, heads, hashes, names, fits, up_to, checks)
    checks.done(f"{len(lines)} anchors: signed, and everything they saw is as they saw it", before)


def check_heads(anchor, heads, hashes, names, fits, up_to, checks):
    for what, rows in hashes.items():
        count, head = heads[what]
        if not count or (what == "releases" and up_to is not None and count > up_to):
            continue
        word = {"audit": "audit event"}.get(what, what[:-1])
        if count > len(rows):
            checks.bad(
                f"{word} {len(rows) + 1}", f"anchor {anchor['number']} of {anchor['at']} saw {count} {what}, here are {len(rows)}: cut off"
            )
        elif rows[count - 1] != head:
            first = fits[what] + 1
            which = f"one of {word}s {first} to {count}" if first < count else f"{word} {first}"
            which += listed(names.get(what, [])[fits[what] : count])
            checks.bad(which, f"not as anchor {anchor['number']} of {anchor['at']} saw it")
        else:
            fits[what] = max(fits[what], count)


def listed(names):
    """Which these are, the first few: in brackets."""
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - 5} more" if len(distinct) > 5 else ""
    return f" ({', '.join(distinct[:5])}{more})" if distinct else ""


def main():
    parser = argparse.ArgumentParser(description="Checks a Signpost evidence package.")
    parser.add_argument("file")
    parser.add_argument("--public-key", action="append", default=[], metavar="KEY", help="the installation's, in base64, from elsewhere")
    options = parser.parse_args()
    checks = Checks()
    try:
        with zipfile.ZipFile(options.file) as package:
            print(f"Evidence {options.file}")
            manifest = check_files(package, checks)
            rows = {name: read_json(package.read(f"{name}.json")) for name in TABLES}
            anchors = [read_json(line) for line in package.read("anchors.jsonl").splitlines()]
        print(f"  of workspace {manifest['workspace']}, made {manifest['made_at']}")
        check_rows(manifest, rows, anchors, options.public_key, checks)
    except OSError as error:
        sys.exit(f"{options.file} can't be read: {error.strerror or error}")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        sys.exit(f"{options.file} is no whole zip: {error}. WRONG.")
    # Whoever forged a package may put anything anywhere: each of these is what reading a row of the wrong shape raises.
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        sys.exit(f"{options.file} is no evidence package, or a damaged one: {type(error).__name__}: {error}. WRONG.")
    if checks.wrong:
        sys.exit(f"NOT EVERYTHING HOLDS: {len(checks.wrong)} findings, the first: {checks.wrong[0][0]}.")
    print("Everything holds.")
    if not options.public_key:
        print(f"But the key is the package's own word: ask the installation whether it is theirs.\n  {manifest['public_key']}")


def check_rows(manifest, rows, anchors, given, checks):
    before = len(checks.wrong)
    if given and manifest["public_key"] not in given:
        checks.bad("manifest.json", "it is signed with a foreign key")
    checks.done("the key is the one that was given" if given else "the key is not checked: none was given", before)
    known, version_hashes = check_versions(rows["versions"], checks)
    verdicts, approval_hashes = check_approvals(rows["approvals"], known, checks)
    check_releases(rows["releases"], known, verdicts, checks)
    before = len(checks.wrong)
    check_chain(rows["audit"], "audit event", ("hash",), checks)
    checks.done(f"{len(rows['audit'])} audit events: chained", before)
    check_verdicts(rows["approvals"], rows["audit"], checks)
    hashes = {
        "releases": [row["hash"] for row in rows["releases"]],
        "audit": [row["hash"] for row in rows["audit"]],
        "versions": version_hashes,
        "approvals": approval_hashes,
    }
    names = {
        "versions": [f"{row['kind']} {row['key']} v{row['number']}" for row in rows["versions"]],
        "approvals": [f"{row['kind']} {row['key']} v{row['version']}" for row in rows["approvals"]],
    }
    # With a key from elsewhere, the package's own word on which keys to trust counts for nothing.
    trusted = given or manifest["trusted_keys"]
    check_anchors(anchors, manifest["workspace"], trusted, hashes, names, manifest["releases_up_to"], checks)


if __name__ == "__main__":
    main()
