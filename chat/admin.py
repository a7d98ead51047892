"""Django's admin for owners. It only displays rows; every change goes through an action."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.actions import bans, erasure, moderation
from chat.models import Ban, LockedNickname, Membership, Message, Profile, Room
from chat.refusals import Refusal

COUNTED = 10_000
"""Maximum number of rows that a list counts and pages through. Longer lists have to be searched."""


class _BoundedPaginator(Paginator):
    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:COUNTED].count())


class _Shown(admin.ModelAdmin):
    """A list with actions, for people with change permission on its rows; nobody edits or deletes a row directly."""

    paginator = _BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_act_permission(request)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Returns whether the user may run the actions marked `permissions=["act"]`."""
        return request.user.has_perm(f"chat.change_{self.opts.model_name}")

    def _each(self, request: HttpRequest, chosen: QuerySet[Any], act: Callable[[Any], Any], done: str) -> None:
        """Runs an action on each selected row and reports the results."""
        names = []
        for row in chosen:
            name = str(row)
            try:
                act(row)
            except Refusal as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            else:
                names.append(name)
        if names:
            self.message_user(request, f"{done}: {', '.join(names)}.", messages.SUCCESS)


@admin.register(Profile)
class ProfileAdmin(_Shown):
    list_display = ["nickname", "kind", "last_address", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["last_address"]
    search_fields = ["nickname", "nickname_key", "last_address__address"]
    fields = ["nickname", "kind", "last_address", "created_at"]
    actions = ["sign_out", "ban_for_a_day", "ban_for_good", "ban_with_network", "free_nickname", "erase"]

    @admin.display(description=gettext_lazy("last address"), empty_value="—")
    def last_address(self, profile: Profile) -> str | None:
        seen = getattr(profile, "last_address", None)
        return f"{seen.address}, {date_format(seen.seen_at)}" if seen else None

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["act"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        self._each(request, chosen, moderation.end_sessions, _("Signed out"))

    @admin.action(description=gettext_lazy("Ban for a day"), permissions=["act"])
    def ban_for_a_day(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        until = timezone.now() + timedelta(days=1)
        self._each(request, chosen, lambda profile: bans.ban(profile, until=until), _("Banned for a day"))

    @admin.action(description=gettext_lazy("Ban permanently"), permissions=["act"])
    def ban_for_good(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        self._each(request, chosen, bans.ban, _("Banned permanently"))

    @admin.action(description=gettext_lazy("Ban for a week, with the last known address"), permissions=["act"])
    def ban_with_network(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        until = timezone.now() + timedelta(days=7)

        def ban(profile: Profile) -> None:
            seen = getattr(profile, "last_address", None)
            bans.ban(profile, seen.address if seen else "", until)

        self._each(request, chosen.select_related("last_address"), ban, _("Banned for a week"))

    @admin.action(description=gettext_lazy("Free the nickname"), permissions=["act"])
    def free_nickname(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        self._each(request, chosen, moderation.free_nickname, _("Freed"))

    @admin.action(description=gettext_lazy("Erase, with all their messages"), permissions=["act"])
    def erase(self, request: HttpRequest, chosen: QuerySet[Profile]) -> None:
        self._each(request, chosen, erasure.erase, _("Erased"))
        erasure.settled()


@admin.register(Room)
class RoomAdmin(_Shown):
    list_display = ["title", "kind", "slug", "message_count", "member_count", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "slug"]
    fields = ["title", "topic", "kind", "slug", "message_count", "member_count", "created_at"]
    actions = ["delete_room"]

    @admin.action(description=gettext_lazy("Delete, with all its messages"), permissions=["act"])
    def delete_room(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        erasure.overwrite()
        self._each(request, chosen, moderation.delete_room, _("Deleted"))
        erasure.settled()


@admin.register(Membership)
class MembershipAdmin(_Shown):
    list_display = ["room", "profile", "role", "created_at"]
    list_select_related = ["room", "profile"]
    search_fields = ["room__title", "room__slug", "profile__nickname_key"]
    fields = ["room", "profile", "role", "created_at"]
    actions = ["remove"]

    @admin.action(description=gettext_lazy("Remove from room"), permissions=["act"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        rows = chosen.select_related("room", "profile")
        self._each(request, rows, lambda row: moderation.remove_member(row.profile, row.room), _("Removed"))


@admin.register(Message)
class MessageAdmin(_Shown):
    """Messages of public rooms only."""

    list_display = ["room", "number", "sender", "body", "sent_at"]
    list_select_related = ["room", "sender"]
    search_fields = ["body", "sender__nickname_key", "room__slug"]
    fields = ["room", "number", "sender", "body", "sent_at", "deleted_at"]
    ordering = ["-pk"]
    actions = ["take_down"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).filter(room__kind=Room.Kind.PUBLIC)

    @admin.action(description=gettext_lazy("Take down"), permissions=["act"])
    def take_down(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        erasure.overwrite()
        rows = chosen.select_related("room")
        self._each(request, rows, lambda row: moderation.take_down(row.room, row.number), _("Taken down"))
        erasure.settled()


@admin.register(Ban)
class BanAdmin(_Shown):
    list_display = ["profile", "network", "until", "reason", "created_at"]
    list_select_related = ["profile"]
    search_fields = ["profile__nickname_key", "network"]
    fields = ["profile", "network", "until", "reason", "created_at"]
    actions = ["lift"]

    @admin.action(description=gettext_lazy("Lift"), permissions=["act"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Ban]) -> None:
        self._each(request, chosen, bans.end, _("Lifted"))


class _NicknameForm(forms.ModelForm):
    class Meta:
        model = LockedNickname
        fields = ["nickname"]


@admin.register(LockedNickname)
class LockedNicknameAdmin(_Shown):
    list_display = ["nickname", "created_at"]
    search_fields = ["nickname"]
    fields = ["nickname"]
    form = _NicknameForm
    actions = ["unlock"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("chat.add_lockednickname"))

    def save_model(self, request: HttpRequest, obj: LockedNickname, form: Any, change: bool) -> None:
        obj.pk = moderation.lock_nickname(obj.nickname).pk

    @admin.action(description=gettext_lazy("Unlock"), permissions=["act"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[LockedNickname]) -> None:
        self._each(request, chosen, lambda locked: moderation.unlock_nickname(locked.nickname), _("Unlocked"))
