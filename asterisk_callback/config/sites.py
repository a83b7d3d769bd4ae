"""Sites: the websites that embed us, and the programs that use the API."""

from collections.abc import Collection, Iterator, Mapping

from asterisk_callback.config import fields as f
from asterisk_callback.config.sections import Section, key


class SiteSettings(Section):
    origins: tuple[f.Origin, ...] = key('origins = ["https://www.example.org"]', ())
    queues: tuple[f.Name, ...] = key('queues = ["support"]', ())
    api_keys: tuple[f.ApiKey, ...] = key('api_keys = ["at-least-16-random-characters"]', ())


Sites = dict[f.SiteName, SiteSettings]


def faults(
    sites: Mapping[str, SiteSettings], queues: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What only shows when sites are held against the queues, and against each other: the path of
    the key and what it must be."""
    seen: set[str] = set()
    for name, site in sites.items():
        for number, queue in enumerate(site.queues):
            if queue not in queues:
                known = ", ".join(sorted(queues))
                yield ("sites", name, "queues", number), f"must be one of the queues: {known}"
        for number, api_key in enumerate(site.api_keys):
            if api_key.get_secret_value() in seen:
                yield ("sites", name, "api_keys", number), "must be a key that no other site has"
        seen |= {one.get_secret_value() for one in site.api_keys}
