from django.urls import path

from chat.views import (
    appearance,
    connection,
    health,
    people,
    reports,
    rooms,
    settings,
    simple,
    styleguide,
    timeline,
)

app_name = "chat"

urlpatterns = [
    path("", people.home, name="home"),
    path("join/", people.join, name="join"),
    path("sign-out/", people.sign_out, name="sign_out"),
    path("rooms/", rooms.room_list, name="rooms"),
    path("rooms/new/", rooms.new, name="room_new"),
    path("rooms/<str:slug>/", timeline.room_page, name="room"),
    path("rooms/<str:slug>/<int:number>/", timeline.room_page, name="message"),
    path("rooms/<str:slug>/edit/", rooms.edit, name="room_edit"),
    path("rooms/<str:slug>/join/", rooms.join, name="room_join"),
    path("rooms/<str:slug>/leave/", rooms.leave, name="room_leave"),
    path("rooms/<str:slug>/members/", rooms.add_member, name="room_members"),
    path("rooms/<str:slug>/members/remove/", rooms.remove_member, name="room_remove"),
    path("invitations/<int:invitation_id>/accept/", rooms.accept, name="invitation_accept"),
    path("invitations/<int:invitation_id>/decline/", rooms.decline, name="invitation_decline"),
    path("people/", people.people_list, name="people"),
    path("people/<str:nickname>/", timeline.person_page, name="person"),
    path("people/<str:nickname>/<int:number>/", timeline.person_page, name="direct_message"),
    path("settings/", settings.page, name="settings"),
    path("settings/appearance/", appearance.choose, name="appearance"),
    path("styleguide/", styleguide.page, name="styleguide"),
    path("connection/", connection.page, name="connection"),
    path("connection/echo", connection.echo, name="connection_echo"),
    path("live/seen", health.seen, name="seen"),
    path("live/report", reports.report, name="report"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("ws", simple.upgrade, name="echo"),
    path("ws/<str:nickname>", simple.upgrade, name="open_name"),
]
