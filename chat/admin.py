from django.contrib import admin

from chat.models import Membership, Profile, Room


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):
    list_display = ["nickname", "kind", "created_at"]
    list_filter = ["kind"]
    search_fields = ["nickname", "nickname_key"]
    raw_id_fields = ["user"]


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    list_display = ["title", "kind", "slug", "message_count", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "slug"]
    readonly_fields = ["sequence", "message_count", "direct_key"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["room", "profile", "role", "created_at"]
    raw_id_fields = ["room", "profile"]
