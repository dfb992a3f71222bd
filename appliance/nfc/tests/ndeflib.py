"""Encodes and decodes NDEF messages with ndeflib: one JSON object a line in, one out, bytes in hex."""

import json
import sys

import ndef


def record_to_json(record):
    return [record.type, record.name.encode("latin").hex(), bytes(record.data).hex()]


def record_from_json(fields):
    kind, name, data = fields
    return ndef.Record(kind, bytes.fromhex(name), bytes.fromhex(data))


def answer(request):
    if "decode" in request:
        # No known types: records come as they are, their payloads untouched.
        records = ndef.message_decoder(bytes.fromhex(request["decode"]), known_types={})
        return {"records": [record_to_json(record) for record in records]}
    if "encode" in request:
        records = [record_from_json(fields) for fields in request["encode"]]
        return {"message": b"".join(ndef.message_encoder(records)).hex()}
    if "read_uri" in request:
        (record,) = ndef.message_decoder(bytes.fromhex(request["read_uri"]))
        return {"uri": record.iri}
    message = b"".join(ndef.message_encoder([ndef.UriRecord(request["write_uri"])]))
    return {"message": message.hex()}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except ndef.DecodeError as error:
        reply = {"refused": str(error)}
    except ValueError as error:
        # A record type that ndeflib has no name for, though the message is sound.
        reply = {"unnamed": str(error)}
    print(json.dumps(reply), flush=True)
