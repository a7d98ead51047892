"""Somebody who looks after a running site, in its admin."""

import httpx

_OWNER = """
from django.contrib.auth import get_user_model
users = get_user_model().objects
users.filter(username="root").exists() or users.create_superuser("root", password="a password of theirs")
"""


class Owner:
    """Somebody in the admin of a running site."""

    def __init__(self, site) -> None:
        site.manage("shell", "-c", _OWNER)
        self.http = httpx.Client(base_url=site.url, follow_redirects=True)
        self.submit("/admin/login/", username="root", password="a password of theirs", next="/admin/")

    def submit(self, path: str, **fields) -> httpx.Response:
        self.http.get(path)
        fields["csrfmiddlewaretoken"] = self.token
        response = self.http.post(path, data=fields)
        assert response.status_code == 200, response.text
        return response

    @property
    def token(self) -> str:
        return self.http.cookies["csrftoken"]

    def act(self, model: str, action: str, row: str) -> None:
        answer = self.submit(f"/admin/chat/{model}/", action=action, _selected_action=row)
        assert 'class="success"' in answer.text, answer.text

    def row(self, model: str, like: str, name: str = "") -> str:
        """The id of the row that a search finds; of several the one that is called so."""
        rows = self.http.get(f"/admin/chat/{model}/", params={"q": like}).text.split('name="_selected_action" value="')
        (row,) = {row.split('"')[0] for row in rows[1:] if f">{name}</a>" in row or not name}
        return row

    def person(self, nickname: str) -> str:
        return self.row("profile", nickname, nickname)
