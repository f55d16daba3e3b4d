"""Check the folders with lessons and data of the settings and of installed packages."""

from __future__ import annotations

from backprop_explorer.datasets.installed import (
    DATASET_FOLDERS,
    LESSON_FOLDERS,
    installed_groups,
)
from backprop_explorer.settings import ConfigurationError, Settings


def check_provided(settings: Settings) -> None:
    """Raise ConfigurationError if a folder cannot be used: no worker would start.

    Where there is no folder, which is usual, the readers of folders are not imported.
    """
    installed = installed_groups()
    if settings.lessons.folders or LESSON_FOLDERS in installed:
        from backprop_explorer.lessons.deck import deal
        from backprop_explorer.lessons.library import Library, own_lessons
        from backprop_explorer.lessons.reading.error import LessonError
        from backprop_explorer.lessons.seed import DEFAULT_SEED

        try:
            lessons = Library.of(settings).lessons()
            # While an author changes the files, the page says what is wrong.
            for name in [] if settings.lessons.reload else [*lessons.keys() - own_lessons().keys()]:
                deal(lessons[name], DEFAULT_SEED)
        except LessonError as error:
            raise ConfigurationError(f"EXPLORER_LESSONS: {error}") from None
    if settings.datasets or DATASET_FOLDERS in installed:
        from backprop_explorer.experiments.provided_data import provided_tables

        provided_tables(settings)
