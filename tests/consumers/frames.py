"""The content of frames, and a person's current cursors."""


def bodies(frames):
    return [frame["message"]["body"] for frame in frames if frame["type"] == "message"]


def of(kind, frames):
    return [frame for frame in frames if frame["type"] == kind]


async def greeted(person):
    """Their lobby's id, and the cursors that the first poll gives."""
    frames = await person.poll()
    lobby = next(room["id"] for room in frames[0]["rooms"] if room["slug"] == "lobby")
    return lobby, frames[-1]["rooms"]
