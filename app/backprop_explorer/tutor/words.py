"""Words for the parts of a network in ten languages: one table, one entry a language.

A word stands for a kind of quantity ("weights"), a change of it ("gradient", "new"), or a place
("hidden", "output"). Words are compared without accents. One of four letters or more also counts
as the beginning of a longer word: "gewicht" is read in "Gewichte".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "English": {
        "input": "input features sample",
        "target": "target label expected desired truth actual",
        "weights": "weight wts w theta kernel",
        "bias": "bias b intercept",
        "sum": "sum z net logit preactivation weighted",
        "activation": "activation activated act a",
        "output": "output out prediction predicted pred final last o",
        "hidden": "hidden hid inner h",
        "layer": "layer",
        "error": "error err difference diff",
        "delta": "delta sensitivity",
        "gradient": "gradient grad derivative deriv nabla adjustment",
        "new": "new updated next after",
        "cost": "cost loss",
    },
    "Norwegian": {
        "input": "inndata inn inngang",
        "target": "fasit mal",
        "weights": "vekt",
        "bias": "skjevhet biaser",
        "sum": "vektet",
        "activation": "aktivering",
        "output": "utdata ut utgang prediksjon",
        "hidden": "skjult",
        "layer": "lag",
        "error": "feil avvik",
        "gradient": "derivert",
        "new": "ny nye oppdatert",
        "cost": "kostnad tap",
    },
    "German": {
        "input": "eingabe eingang",
        "target": "ziel sollwert soll",
        "weights": "gewicht",
        "bias": "schwelle schwellwert",
        "sum": "summe netz netto",
        "activation": "aktivierung",
        "output": "ausgabe ausgang vorhersage",
        "hidden": "versteckt verdeckt",
        "layer": "schicht",
        "error": "fehler",
        "gradient": "ableitung",
        "new": "neu neue neuer neues",
        "cost": "kosten verlust",
    },
    "Spanish": {
        "input": "entrada",
        "target": "objetivo esperado esperada etiqueta",
        "weights": "peso",
        "bias": "sesgo",
        "sum": "suma",
        "activation": "activacion",
        "output": "salida prediccion",
        "hidden": "oculta oculto",
        "layer": "capa",
        "gradient": "gradiente derivada",
        "new": "nuevo nueva",
        "cost": "costo coste perdida",
    },
    "Portuguese": {
        "target": "alvo esperado rotulo",
        "bias": "vies",
        "sum": "soma",
        "activation": "ativacao",
        "output": "saida predicao previsao",
        "hidden": "oculta escondida",
        "layer": "camada",
        "error": "erro",
        "new": "novo nova",
        "cost": "custo perda",
    },
    "French": {
        "input": "entree",
        "target": "cible attendu voulu",
        "weights": "poids",
        "bias": "biais",
        "sum": "somme",
        "output": "sortie prediction",
        "hidden": "cachee cache",
        "layer": "couche",
        "error": "erreur",
        "gradient": "derivee",
        "new": "nouveau nouvelle",
        "cost": "cout perte",
    },
    "Italian": {
        "input": "ingresso ingressi",
        "target": "obiettivo atteso attesa",
        "weights": "pesi",
        "bias": "soglia",
        "sum": "somma",
        "activation": "attivazione",
        "output": "uscita predizione",
        "hidden": "nascosto nascosta nascosti",
        "layer": "strato",
        "error": "errore",
        "gradient": "derivata",
        "new": "nuovo nuova nuovi nuove",
        "cost": "costo perdita",
    },
    "Polish": {
        "input": "wejscie wejscia wejsciowe dane",
        "target": "cel oczekiwane etykieta",
        "weights": "waga wagi wag",
        "bias": "obciazen prog",
        "sum": "suma",
        "activation": "aktywacja",
        "output": "wyjscie wyjscia wyjsciowe wyjsciowa",
        "hidden": "ukryte ukryta ukryty",
        "layer": "warstwa",
        "error": "blad bledy",
        "gradient": "pochodna",
        "new": "nowe nowy nowa",
        "cost": "koszt strata",
    },
    "Turkish": {
        "input": "girdi giris",
        "target": "hedef beklenen etiket",
        "weights": "agirlik",
        "bias": "yanlilik sapma",
        "sum": "toplam",
        "activation": "aktivasyon",
        "output": "cikti cikis tahmin",
        "hidden": "gizli",
        "layer": "katman",
        "error": "hata",
        "gradient": "gradyan turev",
        "new": "yeni",
        "cost": "maliyet kayip",
    },
    "Chinese": {
        "input": "shuru",
        "target": "mubiao biaoqian",
        "weights": "quanzhong",
        "bias": "pianzhi pianyi",
        "sum": "he jingshuru",
        "activation": "jihuo",
        "output": "shuchu yuce",
        "hidden": "yincang",
        "layer": "ceng",
        "error": "wucha",
        "gradient": "tidu daoshu",
        "new": "xin",
        "cost": "sunshi daijia",
    },
}
# Words that say nothing here: articles, prepositions, "my".
_FILLERS = {
    *("of", "the", "for", "to", "at", "my", "de", "del", "da", "do", "di", "du", "des", "la", "le"),
    *("el", "il", "en", "em", "au", "mi", "meu", "der", "die", "das", "av", "i", "moje"),
}
FEWEST_LETTERS = 4
# Letters that have no accent to take off.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "ß": "ss", "å": "a"})
_PART = re.compile(r"[A-ZÀ-Þ]?[^\W\d_A-ZÀ-Þ]+|[A-ZÀ-Þ]+(?![a-zà-þ])|\d+")
_KINDS: dict[str, str] = {
    word: kind
    for table in LANGUAGES.values()
    for kind, words in table.items()
    for word in words.split()
}
_STEMS = tuple(sorted((w for w in _KINDS if len(w) >= FEWEST_LETTERS), key=len, reverse=True))


@lru_cache(maxsize=4096)
def kinds_of(name: str) -> tuple[frozenset[str], int | None]:
    """Return the kinds of the words of a name, and its number; no kinds if one is unknown."""
    kinds: set[str] = set()
    number: int | None = None
    for part in _PART.findall(name):
        if part.isdigit():
            if number is not None or len(part) > 3:
                return frozenset(), None
            number = int(part)
        elif (word := _plain(part)) not in _FILLERS:
            kind = _kind(word)
            if kind is None:
                return frozenset(), None
            kinds.add(kind)
    return frozenset(kinds), number


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.lower().translate(_PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _kind(word: str) -> str | None:
    if word in _KINDS:
        return _KINDS[word]
    return next((_KINDS[stem] for stem in _STEMS if word.startswith(stem)), None)
