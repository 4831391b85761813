"""Folders: where authored things are kept for people to find them. No version, draft or release knows of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower

from rules.filing import NAME, WITHIN
from rules.models.items import Item
from rules.models.workspaces import Workspace


class Folder(models.Model):
    """A tree by parents. Things of every kind may lie in one folder."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="within", help_text="null: at the top")
    name = models.CharField(max_length=NAME)
    position = models.PositiveIntegerField(default=0, help_text="among its siblings; equal ones stand by name")

    class Meta:
        ordering = ["position", "name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(F("workspace"), Coalesce(F("parent"), 0), Lower("name"), name="no_two_sibling_folders_of_one_name"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="no_folder_within_itself"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name__contains=WITHIN.strip()), name="no_folder_name_that_is_a_path"),
        ]

    def __str__(self) -> str:
        return self.name


class Filed(models.Model):
    """That a thing lies in a folder; what has no such row lies in none. Beside the item, which says who it is and never changes."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, primary_key=True, related_name="filed")
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="filed")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.item} in {self.folder}"
