"""The forms of folders: of one folder, and of where things are to lie."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms

from rules import filing, selectors
from rules.models import Workspace


class FolderForm(forms.Form):
    name = forms.CharField(label="Name", max_length=filing.NAME)
    parent = forms.ChoiceField(label="Within", required=False)

    def __init__(self, *args: Any, workspace: Workspace, without: set[int] | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parent"].choices = folder_choices(workspace, "At the top", without or ())


class MoveForm(forms.Form):
    """`to`: a folder's id, or nothing for none; `new`: the name of one to be made within it."""

    to = forms.ChoiceField(label="Folder", required=False)
    new = forms.CharField(
        label="Or a new folder in there",
        required=False,
        max_length=filing.NAME,
        help_text="Its name, if you want one made. With “No folder” chosen above, it is made at the top.",
    )

    def __init__(self, *args: Any, workspace: Workspace, may_make: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["to"].choices = folder_choices(workspace, "No folder")
        if not may_make:
            del self.fields["new"]


def folder_choices(workspace: Workspace, none: str, without: Collection[int] = ()) -> list[tuple[str, str]]:
    shelves = [shelf for shelf in selectors.shelves([workspace]) if shelf.folder.pk not in without]
    return [("", none), *((str(shelf.folder.pk), shelf.words) for shelf in shelves)]
