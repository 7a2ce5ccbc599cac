"""The cities that the agency sells, and how to find one by what a caller said."""

import unicodedata
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz, process

from mcp_servers.wording import either

_EARTH_RADIUS_KM = 6371.0
_CERTAIN = 88
_SIMILAR = 60


@dataclass(frozen=True, slots=True)
class City:
    """A destination. Latitude and longitude in degrees, north and east positive.

    ``rate`` is the price level of its hotels and cars; 1.0 is the average of all cities.
    """

    code: str
    name: str
    country: str
    latitude: float
    longitude: float
    rate: float
    aliases: tuple[str, ...] = ()


class UnknownCityError(LookupError):
    """No city of ours sounds like that. The text can be said to a caller."""


CITIES: tuple[City, ...] = (
    City("AMS", "Amsterdam", "the Netherlands", 52.37, 4.90, 1.25),
    City("ATH", "Athens", "Greece", 37.98, 23.73, 0.85),
    City("ATL", "Atlanta", "the United States", 33.75, -84.39, 0.95),
    City("AKL", "Auckland", "New Zealand", -36.85, 174.76, 0.95),
    City("BKK", "Bangkok", "Thailand", 13.76, 100.50, 0.60),
    City("BCN", "Barcelona", "Spain", 41.39, 2.17, 1.10),
    City("BER", "Berlin", "Germany", 52.52, 13.40, 0.95),
    City("BOS", "Boston", "the United States", 42.36, -71.06, 1.35),
    City("BRU", "Brussels", "Belgium", 50.85, 4.35, 0.95),
    City("BUD", "Budapest", "Hungary", 47.50, 19.04, 0.70),
    City("EZE", "Buenos Aires", "Argentina", -34.60, -58.38, 0.65),
    City("CAI", "Cairo", "Egypt", 30.04, 31.24, 0.60),
    City("CPT", "Cape Town", "South Africa", -33.92, 18.42, 0.75),
    City("ORD", "Chicago", "the United States", 41.88, -87.63, 1.10),
    City("CPH", "Copenhagen", "Denmark", 55.68, 12.57, 1.20),
    City("DEL", "Delhi", "India", 28.61, 77.21, 0.60, ("New Delhi",)),
    City("DEN", "Denver", "the United States", 39.74, -104.99, 1.00),
    City("DXB", "Dubai", "the United Arab Emirates", 25.20, 55.27, 1.10),
    City("DUB", "Dublin", "Ireland", 53.35, -6.26, 1.20),
    City("EDI", "Edinburgh", "Scotland", 55.95, -3.19, 1.05),
    City("FLR", "Florence", "Italy", 43.77, 11.26, 1.10, ("Firenze",)),
    City("GVA", "Geneva", "Switzerland", 46.20, 6.14, 1.45),
    City("HEL", "Helsinki", "Finland", 60.17, 24.94, 1.00),
    City("HKG", "Hong Kong", "China", 22.32, 114.17, 1.10),
    City("HNL", "Honolulu", "the United States", 21.31, -157.86, 1.40, ("Hawaii",)),
    City("IST", "Istanbul", "Turkey", 41.01, 28.98, 0.70),
    City("LAS", "Las Vegas", "the United States", 36.17, -115.14, 0.90, ("Vegas",)),
    City("LIS", "Lisbon", "Portugal", 38.72, -9.14, 0.90),
    City("LHR", "London", "England", 51.51, -0.13, 1.35),
    City("LAX", "Los Angeles", "the United States", 34.05, -118.24, 1.20, ("L A", "LA")),
    City("MAD", "Madrid", "Spain", 40.42, -3.70, 0.95),
    City("MEL", "Melbourne", "Australia", -37.81, 144.96, 0.95),
    City("MEX", "Mexico City", "Mexico", 19.43, -99.13, 0.70),
    City("MIA", "Miami", "the United States", 25.76, -80.19, 1.20),
    City("MXP", "Milan", "Italy", 45.46, 9.19, 1.10, ("Milano",)),
    City("YUL", "Montreal", "Canada", 45.50, -73.57, 0.95),
    City("MUC", "Munich", "Germany", 48.14, 11.58, 1.10),
    City("NBO", "Nairobi", "Kenya", -1.29, 36.82, 0.70),
    City(
        "JFK", "New York", "the United States", 40.71, -74.01, 1.55, ("New York City", "Manhattan")
    ),
    City("OSL", "Oslo", "Norway", 59.91, 10.75, 1.10),
    City("CDG", "Paris", "France", 48.86, 2.35, 1.30),
    City("PRG", "Prague", "the Czech Republic", 50.08, 14.44, 0.75),
    City("GIG", "Rio de Janeiro", "Brazil", -22.91, -43.17, 0.75, ("Rio",)),
    City("FCO", "Rome", "Italy", 41.90, 12.50, 1.10, ("Roma",)),
    City("SFO", "San Francisco", "the United States", 37.77, -122.42, 1.40),
    City("SEA", "Seattle", "the United States", 47.61, -122.33, 1.20),
    City("ICN", "Seoul", "South Korea", 37.57, 126.98, 0.90),
    City("PVG", "Shanghai", "China", 31.23, 121.47, 0.80),
    City("SIN", "Singapore", "Singapore", 1.35, 103.82, 1.20),
    City("ARN", "Stockholm", "Sweden", 59.33, 18.07, 1.05),
    City("SYD", "Sydney", "Australia", -33.87, 151.21, 1.10),
    City("HND", "Tokyo", "Japan", 35.68, 139.69, 1.10),
    City("YYZ", "Toronto", "Canada", 43.65, -79.38, 1.10),
    City("YVR", "Vancouver", "Canada", 49.28, -123.12, 1.15),
    City("VCE", "Venice", "Italy", 45.44, 12.32, 1.25, ("Venezia",)),
    City("VIE", "Vienna", "Austria", 48.21, 16.37, 0.95),
    City("WAW", "Warsaw", "Poland", 52.23, 21.01, 0.70),
    City("IAD", "Washington", "the United States", 38.91, -77.04, 1.20, ("Washington D C",)),
    City("ZRH", "Zurich", "Switzerland", 47.37, 8.54, 1.45),
)


def _plain(name: str) -> str:
    """``name`` without accents, punctuation and case."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if letter.isascii())
    return " ".join(kept.split())


_BY_NAME = {_plain(name): city for city in CITIES for name in (city.name, *city.aliases)}


def find_city(said: str) -> City:
    """The city that a caller meant; forgives accents, case, a country after a comma, a slip.

    Raises:
        UnknownCityError: No name is close enough. The text offers the nearest ones.
    """
    name = _plain(said.partition(",")[0])
    if name in _BY_NAME:
        return _BY_NAME[name]
    nearest = process.extract(name, list(_BY_NAME), scorer=fuzz.WRatio, limit=3)
    if nearest and len(name) > 3 and fuzz.ratio(name, nearest[0][0]) >= _CERTAIN:
        return _BY_NAME[nearest[0][0]]
    offered = list(
        dict.fromkeys(_BY_NAME[match].name for match, score, _ in nearest if score >= _SIMILAR)
    )
    hint = f" Did you mean {either(offered)}?" if offered else " Which other city would suit?"
    raise UnknownCityError(f"We have no offers for {said.strip()}.{hint}")


def distance_km(start: City, end: City) -> float:
    """Great-circle distance in kilometres."""
    south, north = radians(start.latitude), radians(end.latitude)
    across = radians(end.longitude - start.longitude)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(across / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(half))
