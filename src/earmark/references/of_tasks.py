"""Which packaged recordings are of the very thing that a task asks for: chosen by hand.

By caption where a package has captions, else by the name of the file.
"""

from collections.abc import Mapping
from pathlib import PurePath

from earmark.references.store import Recording

OF_TASKS: Mapping[str, tuple[str, ...]] = {
    "dog_bark": ("A dog.", "Dog1.wav", "Dog2.wav"),
    "rooster_crow": ("A colorful rooster.", "Rooster.wav"),
    "pig_grunt": ("A pig.", "A Tamworth pig."),
    "cow_moo": ("A cow.",),
    "frog_croak": ("A frog.",),
    "cat_meow": ("A black cat.", "Cat.mp3", "Kitten.wav", "Meow.wav"),
    "hen_cluck": ("A brown hen.",),
    "sheep_bleat": ("A sheep.", "A ram."),
    "crow_caw": ("A crow.",),
    "fire_crackle": ("fire_small.ogg", "fire_large.ogg"),
    "crickets": ("Crickets.wav",),
    "bird_chirps": ("Bird.wav",),
    "dripping_tap": ("WaterDrop.mp3",),
    "thunder": ("A lightning bolt.", "thunder_loud.wav", "thunder_moderate.wav"),
    "toilet_flush": ("Remember to flush the toilet and wash your hands with soap!",),
    "crying_baby": ("BabyCry.mp3",),
    "sneeze": ("Sneeze-female.wav", "Sneeze-male.wav"),
    "cough_twice": ("Cough-male.wav",),
    "footsteps": ("Footsteps-1.wav", "Footsteps-2.mp3"),
    "man_laughing": ("Laugh-male1.wav", "Laugh-male2.wav", "Laugh-male3.mp3"),
    "sipping_drink": ("Slurp.mp3",),
    "keyboard_typing": ("Typing.mp3",),
    "door_creak": ("DoorCreak.wav",),
    "glass_breaking": (
        "default_break_glass.1.ogg",
        "default_break_glass.2.ogg",
        "default_break_glass.3.ogg",
    ),
    "washing_machine": ("A washing machine.",),
    "vacuum_cleaner": ("A vacuum cleaner.",),
    "church_bell": ("BellToll.wav",),
    "helicopter": ("helicopter_engine_outside2.wav", "helicopter_engine_outside3.wav"),
    "hand_saw": ("A saw.",),
    "hammer_nail": ("A hammer.",),
    "firework_rocket": ("Big fireworks.",),
    "piano_c4": ("yamaha grand piano playing a note",),
    "flute_g5": ("flute playing a note",),
    "vibrato_violin_a4": ("violin playing a note",),
    "clarinet_c4": ("clarinet playing a note",),
    "organ_g3": ("church organ playing a note",),
    "marimba_c5": ("marimba playing a note",),
    "guitar_pluck_a3": ("nylon string guitar playing a note",),
}
_TASKS = {label: task for task, labels in OF_TASKS.items() for label in labels}


def task_of(recording: Recording) -> str:
    """The id of the task that asks for this very thing; empty for none."""
    label = recording.caption or PurePath(recording.name).name
    return _TASKS.get(label, "")
