#!/usr/bin/env python3
"""Checks that docs/api/openapi.json describes the endpoints that src/api really has: every route both ways, who may call it,
the problem codes, and that each operation says what a reader needs.

    tools/check_openapi.py [ROOT]      prints each failure, and ends with 1 when there is one
"""

import json
import pathlib
import re
import sys

ROUTE = re.compile(r'\brouter\.add\(\s*net::Method::k(\w+),\s*"([^"]+)",\s*\{\s*Access::k(\w+)')
ANY_ROUTE = re.compile(r"\brouter\.add\(")
# An error that the code makes, and a code that a description tells.
MADE_CODE = re.compile(r'\b(?:base::)?(?:(?:invalid|not_found|conflict)\(\s*|fail\(\s*[\w:]+,\s*|ErrorKind::k\w+,\s*)"([a-z_]+)"')
TOLD_CODE = re.compile(r"`([a-z]+(?:_[a-z]+)*)`:")
PARAMETER = re.compile(r"\{(\w+)\}")

METHODS = {"get", "post", "put", "patch", "delete"}
# Which credentials an operation takes, by the access that its route declares.
PERSON = {"accessToken", "browserCookie"}
SCHEMES = {
    "Public": set(),
    "Person": PERSON,
    "Viewer": PERSON,
    "ViewerOrRun": PERSON | {"runToken"},
    "Developer": PERSON,
    "DeveloperOrRun": PERSON | {"runToken"},
    "Administrator": PERSON,
    "AdministratorOrRun": PERSON | {"runToken"},
}
# Lists that are empty, not 404, for what nobody knows.
EMPTY_WHEN_UNKNOWN = {"listFeatureMessages"}


def routes_of(path, text):
    """{(method, path): access} of one source file, and the failures in reading it."""
    found = ROUTE.findall(text)
    routes = {(method.lower(), re.sub(r":(\w+)", r"{\1}", pattern)): access for method, pattern, access in found}
    unread = len(ANY_ROUTE.findall(text)) - len(found)
    return routes, [f"{path}: {unread} router.add(...) that this check cannot read"] if unread else []


def operations_of(document):
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def resolve(document, value):
    """What a $ref names; the value itself when it is none; None when it leads nowhere."""
    while isinstance(value, dict) and "$ref" in value:
        target = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        value = target
    return value


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_routes(routes, operations):
    failures = [f"{method.upper()} {path}: is served but not described" for method, path in sorted(routes.keys() - operations.keys())]
    failures += [f"{method.upper()} {path}: is described but not served" for method, path in sorted(operations.keys() - routes.keys())]
    for key in sorted(routes.keys() & operations.keys()):
        told = {name for choice in operations[key].get("security", []) for name in choice}
        if told != SCHEMES[routes[key]]:
            failures.append(f"{key[0].upper()} {key[1]}: is for {routes[key]}, but takes {sorted(told) or 'anybody'}")
        # "ViewerOrRun" is told as "viewer-or-run".
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", routes[key]).lower()
        if operations[key].get("x-access") != word:
            failures.append(f"{key[0].upper()} {key[1]}: its x-access is {operations[key].get('x-access')}, not {word}")
    return failures


def required_responses(operation, path):
    due = {"default"}
    if operation.get("security"):
        due |= {"401", "403"}
    if "requestBody" in operation:
        due |= {"400", "413", "415"}
    if PARAMETER.search(path) and operation.get("operationId") not in EMPTY_WHEN_UNKNOWN:
        due.add("404")
    return due


def check_operation(document, method, path, operation):
    name = f"{method.upper()} {path}"
    failures = [f"{name}: has no {field}" for field in ("operationId", "summary", "security") if field not in operation]
    responses = operation.get("responses", {})
    failures += [f"{name}: does not describe {status}" for status in sorted(required_responses(operation, path) - responses.keys())]
    if not any(status.startswith("2") for status in responses):
        failures.append(f"{name}: describes no success")
    for status, response in responses.items():
        if not (resolve(document, response) or {}).get("description"):
            failures.append(f"{name}: its {status} has no description")
    parameters = [resolve(document, one) or {} for one in operation.get("parameters", [])]
    told = {one.get("name") for one in parameters if one.get("in") == "path"}
    if told != set(PARAMETER.findall(path)):
        failures.append(f"{name}: its path parameters are described as {sorted(map(str, told))}")
    return failures


def responses_of(document):
    for _, _, operation in operations_of(document):
        yield from operation.get("responses", {}).values()
    yield from document.get("components", {}).get("responses", {}).values()


def check_codes(document, made_in_api, made_anywhere):
    told = {code for one in responses_of(document) for code in TOLD_CODE.findall(one.get("description", ""))}
    failures = [f"the code {code} is described but nothing makes it" for code in sorted(told - made_anywhere)]
    # Those that every operation may answer are told once, in the introduction.
    known = told | set(re.findall(r"`([a-z_]+)`", document.get("info", {}).get("description", "")))
    return failures + [f"the code {code} is answered by src/api but not described" for code in sorted(made_in_api - known)]


def check(document, sources):
    """The failures of a parsed description, beside {path: text} of the sources under src/."""
    failures, routes = [], {}
    for path, text in sources.items():
        if path.startswith("api/"):
            found, unread = routes_of(path, text)
            routes |= found
            failures += unread
    operations = {(method, path): operation for method, path, operation in operations_of(document)}
    failures += check_routes(routes, operations)
    for (method, path), operation in operations.items():
        failures += check_operation(document, method, path, operation)
    ids = [operation.get("operationId") for operation in operations.values()]
    failures += [f"operationId {one} is used twice" for one in sorted({one for one in ids if one and ids.count(one) > 1})]
    failures += [f"{one} leads nowhere" for one in sorted(set(references(document))) if resolve(document, {"$ref": one}) is None]
    made = {path: set(MADE_CODE.findall(text)) for path, text in sources.items()}
    in_api = set().union(*(codes for path, codes in made.items() if path.startswith("api/")))
    return failures + check_codes(document, in_api, set().union(*made.values()))


def read_sources(src):
    files = [file for file in sorted(src.rglob("*.cc")) + sorted(src.rglob("*.h")) if not file.stem.endswith("_test")]
    return {file.relative_to(src).as_posix(): file.read_text(encoding="utf-8") for file in files}


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    description = root / "docs/api/openapi.json"
    try:
        document = json.loads(description.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{description}: {error}")
        return 1
    failures = check(document, read_sources(root / "src"))
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
