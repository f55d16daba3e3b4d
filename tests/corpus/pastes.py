"""Pastes of whole programs: what was given and what was found in one text, with their own names.

The programs of ``paste_programs`` print their arrays under the names of ten languages, in the
layouts in which people paste: with and without names, ``print(layers)``, lists of arrays,
dictionaries, several updates of a loop, layers counted from 0.

python -m tests.corpus.pastes       answers of the checker to all of them
python -m tests.corpus.pastes 17    one paste and its answer
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np

from tests.corpus.paste_programs import MISTAKES, PROGRAMS, Arrays, Program, steps

# Names of the arrays in each language: of a program that numbers its layers, and of one with a
# hidden layer and an output. "{}" is the number of the layer.
NUMBERED = {
    "English": "X y W{} b{} z{} a{} loss error delta{} grad_a{} dW{} db{} W{}_new b{}_new",
    "Norwegian": "inndata fasit vekter{} skjevhet{} sum{} aktivering{} kostnad feil delta{} feil{} "
    "gradient_vekter{} gradient_skjevhet{} nye_vekter{} nye_skjevhet{}",
    "German": "eingabe ziel gewichte{} schwelle{} summe{} ausgabe{} kosten fehler delta{} "
    "fehler{} gradient_gewichte{} gradient_schwelle{} neue_gewichte{} neue_schwelle{}",
    "Spanish": "entrada objetivo pesos{} sesgo{} suma{} activacion{} costo error delta{} "
    "error{} gradiente_pesos{} gradiente_sesgo{} pesos{}_nuevos sesgo{}_nuevo",
    "Portuguese": "entrada alvo pesos{} vies{} soma{} ativacao{} custo erro delta{} "
    "erro{} gradiente_pesos{} gradiente_vies{} novos_pesos{} novo_vies{}",
    "French": "entree cible poids{} biais{} somme{} sortie{} cout erreur delta{} "
    "erreur{} gradient_poids{} gradient_biais{} nouveaux_poids{} nouveau_biais{}",
    "Italian": "ingresso obiettivo pesi{} soglia{} somma{} attivazione{} costo errore delta{} "
    "errore{} gradiente_pesi{} gradiente_soglia{} pesi{}_nuovi soglia{}_nuova",
    "Polish": "wejscie cel wagi{} obciazenie{} suma{} aktywacja{} koszt blad delta{} "
    "blad{} gradient_wag{} gradient_obciazenia{} nowe_wagi{} nowe_obciazenie{}",
    "Turkish": "girdi hedef agirlik{} yanlilik{} toplam{} cikti{} maliyet hata delta{} "
    "hata{} agirlik_gradyani{} yanlilik_gradyani{} yeni_agirlik{} yeni_yanlilik{}",
    "Chinese": "shuru mubiao quanzhong{} pianzhi{} he{} jihuo{} sunshi wucha delta{} "
    "wucha{} quanzhong_tidu{} pianzhi_tidu{} xin_quanzhong{} xin_pianzhi{}",
}
WORDED = {
    "English": (
        "inputs expected hidden_weights output_weights hidden_bias output_bias hidden_sum "
        "output_sum hidden_output predicted_output loss error hidden_delta output_delta "
        "error_hidden_layer hidden_weights_gradient output_weights_gradient hidden_bias_gradient "
        "output_bias_gradient new_hidden_weights new_output_weights new_hidden_bias new_output_bias"
    ),
    "Norwegian": (
        "inndata fasit vekter_skjult vekter_ut skjevhet_skjult skjevhet_ut sum_skjult sum_ut "
        "skjult_lag utdata tap feil delta_skjult delta_ut feil_skjult gradient_vekter_skjult "
        "gradient_vekter_ut gradient_skjevhet_skjult gradient_skjevhet_ut nye_vekter_skjult "
        "nye_vekter_ut ny_skjevhet_skjult ny_skjevhet_ut"
    ),
    "German": (
        "eingabe sollwert gewichte_versteckt gewichte_ausgabe bias_versteckt bias_ausgabe "
        "netz_versteckt netz_ausgabe versteckte_schicht ausgabe verlust fehler delta_versteckt "
        "delta_ausgabe fehler_versteckt gradient_gewichte_versteckt gradient_gewichte_ausgabe "
        "gradient_bias_versteckt gradient_bias_ausgabe gewichte_versteckt_neu gewichte_ausgabe_neu "
        "bias_versteckt_neu bias_ausgabe_neu"
    ),
    "Spanish": (
        "entradas esperado pesos_oculta pesos_salida sesgo_oculta sesgo_salida suma_oculta "
        "suma_salida capa_oculta salida perdida error delta_oculta delta_salida error_oculta "
        "grad_pesos_oculta grad_pesos_salida grad_sesgo_oculta grad_sesgo_salida "
        "nuevos_pesos_oculta nuevos_pesos_salida nuevo_sesgo_oculta nuevo_sesgo_salida"
    ),
    "Portuguese": (
        "entradas esperado pesos_oculta pesos_saida vies_oculta vies_saida soma_oculta soma_saida "
        "camada_oculta saida perda erro delta_oculta delta_saida erro_oculta grad_pesos_oculta "
        "grad_pesos_saida grad_vies_oculta grad_vies_saida pesos_oculta_novos pesos_saida_novos "
        "vies_oculta_novo vies_saida_novo"
    ),
    "French": (
        "entrees attendu poids_cachee poids_sortie biais_cachee biais_sortie somme_cachee "
        "somme_sortie couche_cachee sortie perte erreur delta_cachee delta_sortie erreur_cachee "
        "grad_poids_cachee grad_poids_sortie grad_biais_cachee grad_biais_sortie "
        "nouveaux_poids_cachee nouveaux_poids_sortie nouveau_biais_cachee nouveau_biais_sortie"
    ),
    "Italian": (
        "ingressi atteso pesi_nascosto pesi_uscita bias_nascosto bias_uscita somma_nascosto "
        "somma_uscita strato_nascosto uscita perdita errore delta_nascosto delta_uscita "
        "errore_nascosto grad_pesi_nascosto grad_pesi_uscita grad_bias_nascosto grad_bias_uscita "
        "nuovi_pesi_nascosto nuovi_pesi_uscita nuovo_bias_nascosto nuovo_bias_uscita"
    ),
    "Polish": (
        "dane_wejsciowe oczekiwane wagi_ukryte wagi_wyjscie bias_ukryte bias_wyjscie suma_ukryta "
        "suma_wyjscie warstwa_ukryta wyjscie strata blad delta_ukryta delta_wyjscie blad_ukryta "
        "gradient_wagi_ukryte gradient_wagi_wyjscie gradient_bias_ukryte gradient_bias_wyjscie "
        "nowe_wagi_ukryte nowe_wagi_wyjscie nowy_bias_ukryte nowy_bias_wyjscie"
    ),
    "Turkish": (
        "girdiler beklenen gizli_agirlik cikti_agirlik gizli_bias cikti_bias gizli_toplam "
        "cikti_toplam gizli_katman cikti kayip hata gizli_delta cikti_delta gizli_hata "
        "gizli_agirlik_gradyan cikti_agirlik_gradyan gizli_bias_gradyan cikti_bias_gradyan "
        "yeni_gizli_agirlik yeni_cikti_agirlik yeni_gizli_bias yeni_cikti_bias"
    ),
    "Chinese": (
        "shuru biaoqian yincang_quanzhong shuchu_quanzhong yincang_pianzhi shuchu_pianzhi "
        "yincang_he shuchu_he yincang_ceng shuchu sunshi wucha yincang_delta shuchu_delta "
        "yincang_wucha yincang_quanzhong_tidu shuchu_quanzhong_tidu yincang_pianzhi_tidu "
        "shuchu_pianzhi_tidu xin_yincang_quanzhong xin_shuchu_quanzhong xin_yincang_pianzhi "
        "xin_shuchu_pianzhi"
    ),
}
_NUMBERED_IDS = "x y W{} b{} z{} a{} C e dz{} da{} dW{} db{} W{}_next b{}_next"
_WORDED_IDS = (
    "x y W1 W2 b1 b2 z1 z2 a1 a2 C e dz1 dz2 da1 dW1 dW2 db1 db2 W1_next W2_next b1_next b2_next"
)


@dataclass(frozen=True)
class Paste:
    """One text of a program. ``given`` and ``found`` are its two halves."""

    language: str
    layout: str
    program: str
    mistake: str
    given: str
    found: str

    @property
    def text(self) -> str:
        """The whole paste."""
        return f"{self.given}\n{self.found}"

    @property
    def name(self) -> str:
        """What a report calls it."""
        made = self.mistake or "right"
        return f"{self.language}, {self.layout}, {self.program}, {made}"


# ------------------------------------------------------------------ layouts

Names = dict[str, str]


def _names(language: str, depth: int, *, worded: bool, first: int = 1) -> Names:
    """The name of each array; ``first`` is the number of the first layer."""
    if worded:
        return dict(zip(_WORDED_IDS.split(), WORDED[language].split(), strict=True))
    pairs = list(zip(_NUMBERED_IDS.split(), NUMBERED[language].split(), strict=True))
    return {
        key.format(k): name.format(k - 1 + first)
        for key, name in pairs
        for k in range(1, depth + 1)
    }


def _order(arrays: Arrays, depth: int) -> tuple[list[str], list[str]]:
    """The arrays that are given, and those that are found, in the order in which they are made."""
    layers = range(1, depth + 1)
    given = ["x", "y", *(f"{q}{k}" for k in layers for q in "Wb")]
    found = [f"{q}{k}" for k in layers for q in "za"] + ["C", "e"]
    for k in reversed(layers):
        found += [f"da{k}", f"dz{k}", f"dW{k}", f"db{k}"]
    found += [f"{q}{k}_next" for k in layers for q in "Wb"]
    return [n for n in given if n in arrays], [n for n in found if n in arrays]


def _equals(name: str, value: np.ndarray) -> str:
    return f"{name} = {value}"


def _printed(name: str, value: np.ndarray) -> str:
    return f"{name} {value}"


def _below(name: str, value: np.ndarray) -> str:
    return f"{name}:\n{value}\n"


def _cell(name: str, value: np.ndarray) -> str:
    return f"{name} = {value!r}" if value.ndim else f"{name} = {float(value)!r}"


def _bare(_: str, value: np.ndarray) -> str:
    return f"{value}"


def _each(write: Callable[[str, np.ndarray], str], **how: object) -> Callable[..., tuple[str, str]]:
    """A layout of one statement for each array."""

    def layout(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
        names = _names(language, depth, **{"worded": False, **how})  # type: ignore[arg-type]
        given, found = _order(runs[0], depth)
        lines = [[write(names[n], runs[0][n]) for n in part] for part in (given, found)]
        return "\n".join(lines[0]), "\n".join(lines[1])

    return layout


def _layers(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """``print(layers)``: the pairs of W and b without a name; the rest with names."""
    names, arrays = _names(language, depth, worded=False), runs[0]
    layers = [tuple(arrays[f"{q}{k}"] for q in "Wb" if f"{q}{k}" in arrays) for k in _up(depth)]
    _, found = _order(arrays, depth)
    given = [_cell(names[n], arrays[n]) for n in ("x", "y")]
    return "\n".join([str(layers), *given]), "\n".join(_cell(names[n], arrays[n]) for n in found)


def _up(depth: int) -> range:
    return range(1, depth + 1)


def _lists(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """A list of arrays of different lengths for each quantity."""
    names, arrays = _names(language, depth, worded=False, first=9), runs[0]

    def listed(quantity: str) -> str:
        key = f"{quantity.removesuffix('_next')}{{}}{'_next' if '_next' in quantity else ''}"
        name = names[key.format(1)].replace("9", "")
        return f"{name} = {[arrays[key.format(k)] for k in _up(depth)]}"

    given = [_cell(names[n], arrays[n]) for n in ("x", "y")]
    given += [listed(q) for q in "Wb" if f"{q}1" in arrays]
    found = [listed(q) for q in "za"] + [_cell(names["C"], arrays["C"])]
    found += [
        listed(q)
        for q in ("dz", "dW", "db", "W_next", "b_next")
        if f"{q[:2].rstrip('_')}1" in arrays
    ]
    return "\n".join(given), "\n".join(found)


def _dictionaries(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """Three dictionaries: parameters, values, gradients."""
    names, arrays = _names(language, depth, worded=False), runs[0]

    def of(some: list[str]) -> str:
        return str({names[n]: arrays[n] for n in some})

    given, found = _order(arrays, depth)
    first = [_cell(names[n], arrays[n]) for n in ("x", "y")]
    values = [n for n in found if n[0] in "za"]
    rest = [n for n in found if n not in values and n != "C"]
    return (
        "\n".join([*first, of(given[2:])]),
        "\n".join([of(values), _equals(names["C"], arrays["C"]), of(rest)]),
    )


def _loop(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """Three updates, with the weights before each."""
    names = _names(language, depth, worded=False)
    given, found = _order(runs[0], depth)
    texts = []
    for epoch, arrays in enumerate(runs):
        texts.append(f"--- epoch {epoch} ---")
        some = [n for n in given[2:] + found if "_next" not in n]
        texts += [_printed(names[n], arrays[n]) for n in some]
    return "\n".join(_printed(names[n], runs[0][n]) for n in given[:2]), "\n".join(texts)


def _loop_of_updates(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """Three updates; the weights are printed once before them and after each."""
    names = _names(language, depth, worded=False)
    given, found = _order(runs[0], depth)
    texts = []
    for epoch, arrays in enumerate(runs):
        texts.append(f"epoch: {epoch + 1}")
        texts += [_equals(names[n.removesuffix("_next")], arrays[n]) for n in found]
    return "\n".join(_equals(names[n], runs[0][n]) for n in given), "\n".join(texts)


def _final(runs: list[Arrays], language: str, depth: int) -> tuple[str, str]:
    """The cost, the gradients and the new weights only."""
    names, arrays = _names(language, depth, worded=False), runs[0]
    given, found = _order(arrays, depth)
    some = [n for n in found if n.startswith(("dW", "db", "C", "W", "b"))]
    return (
        "\n".join(_cell(names[n], arrays[n]) for n in given),
        "\n".join(_printed(names[n], arrays[n]) for n in some),
    )


LAYOUTS = {
    "name = array": _each(_equals),
    "print(name, array)": _each(_printed),
    "name above": _each(_below),
    "cells": _each(_cell),
    "words": _each(_equals, worded=True),
    "words printed": _each(_printed, worded=True),
    "from 0": _each(_equals, first=0),
    "without names": _each(_bare),
    "print(layers)": _layers,
    "lists": _lists,
    "dictionaries": _dictionaries,
    "loop": _loop,
    "loop of updates": _loop_of_updates,
    "gradients only": _final,
}
_OF_TWO_LAYERS = ("words", "words printed")


# ------------------------------------------------------------------ the corpus


def _paste(language: str, layout: str, program: str, mistake: str, seed: int) -> Paste:
    entry: Program = PROGRAMS[program]
    runs = list(steps(entry, mistake, seed, 3))
    depth = len(entry.sizes) - 1
    with np.printoptions(precision=entry.digits, threshold=10**6, suppress=entry.digits != 8):
        given, found = LAYOUTS[layout](runs, language, depth)
    return Paste(language, layout, program, mistake, given, found)


def _suits(layout: str, program: str, mistake: str) -> bool:
    depth = len(PROGRAMS[program].sizes) - 1
    if layout in _OF_TWO_LAYERS and depth != 2:
        return False
    # The loops do not print what the update would show; one layer has no hidden mistake.
    shown_by_update = mistake in ("step uphill", "one rate left out")
    return not (shown_by_update and layout == "loop")


RIGHT_OF_EACH, WRONG_OF_EACH = 11, 6


def pastes() -> Iterator[Paste]:
    """Yield the corpus: of each language right ones, then wrong ones."""
    layouts, programs = cycle(LAYOUTS), cycle(PROGRAMS)
    mistakes = cycle((m, p) for k in range(6) for m, of in MISTAKES.items() for p in of[k : k + 1])
    for seed, language in enumerate(NUMBERED):
        for _ in range(RIGHT_OF_EACH):
            layout, program = next(layouts), next(programs)
            while not _suits(layout, program, ""):
                program = next(programs)
            yield _paste(language, layout, program, "", seed)
        for mistake, program in islice(mistakes, WRONG_OF_EACH):
            layout = next(layouts)
            while not _suits(layout, program, mistake):
                layout = next(layouts)
            yield _paste(language, layout, program, mistake, seed)


def with_noise(paste: Paste, seed: int) -> Paste:
    """The same givens with random numbers in the place of what was found."""
    rng = np.random.default_rng(seed)
    found = [f"{line.split(' ')[0]} = {rng.normal(size=(2, 3))}" for line in "abcd"]
    return replace(paste, mistake="random numbers", found="\n".join(found))
