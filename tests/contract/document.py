"""The published contract as a program reads it: docs/asyncapi.yaml and nothing else."""

import re

import jsonschema
import yaml


class Contract:
    """What may be said where."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.channels = self.document["channels"]

    def topic(self, channel, **parameters):
        """The topic of a channel."""
        return self.channels[channel]["address"].format(**parameters)

    def channel_of(self, topic):
        """The channel that a topic belongs to, by its name."""
        for name, channel in self.channels.items():
            pattern = re.sub(r"\\{\w+\\}", r"[a-z0-9]+", re.escape(channel["address"]))
            if re.fullmatch(pattern, topic):
                return name
        raise ValueError(f"no channel has the topic {topic}")

    def check(self, channel, payload):
        """Checks what was said on a channel, and returns the name of the message that it is."""
        names = self.channels[channel]["messages"]
        problems = []
        for name in names:
            schema = dict(self.document["components"]["messages"][name]["payload"])
            schema["components"] = self.document["components"]
            found = list(jsonschema.Draft7Validator(schema).iter_errors(payload))
            if not found:
                return name
            problems.append(f"{name}: {jsonschema.exceptions.best_match(found).message}")
        raise ValueError(f"no message of the channel {channel}: {problems}")
