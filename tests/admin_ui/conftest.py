"""A published shop, a superuser at the admin pages, and helpers to fill in forms as a person would."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.forms import MultiValueField

from rules.models import PROXIES, Item
from tests.rules.conftest import SHOP, load, publish


@pytest.fixture
def shop(db: None) -> dict[str, Any]:
    """The shop's document, loaded and published."""
    source = deepcopy(SHOP)
    load(source)
    publish()
    return source


@pytest.fixture
def anna(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("anna", id=101)  # never the number of one of the people in tests/rules


@pytest.fixture
def pages(client: Any, anna: Any, shop: dict[str, Any]) -> Any:
    """A client signed in as Anna, who may do everything."""
    client.force_login(anna)
    return client


def address(kind: str, key: str, page: str = "change") -> str:
    item = Item.objects.get(kind=kind, key=key)
    return f"/admin/rules/{PROXIES[kind]._meta.model_name}/{item.pk}/{page}/"


def filled(response: Any) -> dict[str, Any]:
    """What a browser would send back if the form were saved as it is shown."""
    return sent(response.context["adminform"].form)


def sent(form: Any) -> dict[str, Any]:
    """The same of a form that no page has shown."""
    values = {name: form[name].value() for name in form.fields}
    shown = {name: form.fields[name].prepare_value(value) for name, value in values.items()}
    for name in [name for name, field in form.fields.items() if isinstance(field, MultiValueField)]:
        shown |= {f"{name}_{index}": part for index, part in enumerate(form.fields[name].widget.decompress(shown.pop(name)))}
    return {name: ("on" if value is True else value) for name, value in shown.items() if value is not None and value is not False}


def change(pages: Any, kind: str, key: str, /, **changes: Any) -> Any:
    """Opens the form, changes fields, saves it, and returns the answer."""
    there = address(kind, key)
    return pages.post(there, {**filled(pages.get(there)), **changes})


def press(pages: Any, there: str, **fields: str) -> Any:
    """Opens the page of publishing, fills in its form, and returns the answer."""
    return pages.post(there, {"shown": pages.get(there).context["shown"], **fields})


def said(response: Any) -> str:
    """The messages on the page a form led to."""
    return " ".join(str(message) for message in response.context["messages"])
