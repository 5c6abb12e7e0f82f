"""Other people's validators over a folder of reports; and proof that each of them can refuse.

Usage: check.py FOLDER SCHEMA. The folder holds files named NUMBER.FORM.
Prints what was refused; the last line counts. Exit status 1 when anything was.
"""
import copy
import json
import logging
import pathlib
import re
import subprocess
import sys
import warnings

import html5lib
import jsonschema
import stix2validator
import xarf
from pymisp import MISPEvent, MISPObject
import pymisp

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
FOLDER, SCHEMA = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
REPORT = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
MISP = json.loads((pathlib.Path(pymisp.__file__).parent / "data" / "schema-lax.json").read_text())
STIX = stix2validator.ValidationOptions(version="2.1")
NEIGHBOR = """neighbor 192.0.2.1 {
  router-id 192.0.2.2;
  local-address 192.0.2.2;
  local-as 64500;
  peer-as 64501;
  family { ipv4 flow; ipv6 flow; ipv4 unicast; ipv6 unicast; }
%s}
"""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
hints = set()


def report(value):
    return [f"{list(e.path)}: {e.message[:200]}" for e in REPORT.iter_errors(value)]


def stix(value):
    result = stix2validator.validate_instance(value, STIX)
    hints.update(UUID.sub("ID", str(w))[:160] for w in result.warnings)
    return [str(e.message) for e in result.errors]


def misp(value):
    faults = [e.message[:200] for e in jsonschema.Draft7Validator(MISP).iter_errors(value)]
    event = MISPEvent()
    # The library takes apart what it loads.
    event.load(copy.deepcopy(value))
    for thing in event.objects:
        try:
            # Strict: an attribute that the template does not know, or of another type, is refused.
            strict = MISPObject(thing.name, strict=True)
            known = strict._definition["attributes"]
            for attribute in thing.attributes:
                expected = known[attribute.object_relation]
                if expected["misp-attribute"] != attribute.type:
                    faults.append(f"{thing.name}.{attribute.object_relation} is {attribute.type}")
                values = expected.get("values_list")
                if values and attribute.value not in values:
                    faults.append(f"{thing.name}.{attribute.object_relation}: {attribute.value}")
                strict.add_attribute(attribute.object_relation, value=attribute.value)
            # The library does not ask for what a template requires.
            has = {a.object_relation for a in thing.attributes}
            one_of = set(strict._definition.get("requiredOneOf", []))
            if one_of and not has & one_of:
                faults.append(f"{thing.name} has none of {sorted(one_of)}")
            faults.extend(f"{thing.name} lacks {r}" for r in set(strict._definition.get("required", [])) - has)
            if thing.template_uuid != strict._definition["uuid"]:
                faults.append(f"{thing.name}: another template")
        except Exception as fault:
            faults.append(f"{thing.name}: {fault!r}")
    return faults


def abuse(value):
    faults = []
    for one in value:
        # Its strict mode also demands what it calls recommended, packets and bits among them,
        # which a shield that counts requests cannot say.
        result = xarf.parse(one)
        faults.extend(str(e) for e in result.errors)
    return faults


def flow(text):
    path = FOLDER / "neighbor.conf"
    path.write_text(NEIGHBOR % text)
    done = subprocess.run([str(pathlib.Path(sys.executable).parent / "exabgp"), "validate", str(path)],
                          capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [done.stdout[-500:] + done.stderr[-500:]]


def page(text):
    try:
        html5lib.HTMLParser(strict=True).parse(text)
        return []
    except Exception as fault:
        return [repr(fault)]


def spoilt(form, value):
    """The same with one thing wrong that the validator must see."""
    bad = copy.deepcopy(value)
    if form == "json":
        bad["platforms"][0]["standing"] = "not affected"
    elif form == "stix":
        del bad["objects"][-1]["name"]
    elif form == "misp":
        bad["Event"]["Object"][0]["Attribute"][0]["object_relation"] = "packets-of-love"
    elif form == "xarf":
        del bad[0]["source_port"]
    elif form == "flowspec":
        bad = "flow {\n  route spoilt {\n    match {\n      source 192.0.2.1/32;\n    }\n    then {\n      dicsard;\n    }\n  }\n}\n" + bad
    elif form == "html":
        bad = bad.replace("</table>", "</tabel>", 1)
    return bad


CHECKS = {"json": report, "stix": stix, "misp": misp, "xarf": abuse, "flowspec": flow, "html": page}
counts, refused, proven = {}, 0, set()
for path in sorted(FOLDER.glob("*.*")):
    form = path.suffix[1:]
    if form not in CHECKS:
        continue
    text = path.read_text()
    value = text if form in ("flowspec", "html") else json.loads(text)
    faults = CHECKS[form](value)
    counts[form] = counts.get(form, 0) + 1
    refused += bool(faults)
    for fault in faults[:5]:
        print(f"{path.name}: {fault}")
    if form not in proven:
        proven.add(form)
        if not CHECKS[form](spoilt(form, value)):
            print(f"{path.name}: a spoilt one was not refused: the check proves nothing")
            refused += 1
for hint in sorted(hints):
    print(f"stix warning: {hint}")
print("checked " + ", ".join(f"{form} {counts[form]}" for form in sorted(counts)) + f"; refused {refused}")
sys.exit(1 if refused or set(counts) != set(CHECKS) else 0)
