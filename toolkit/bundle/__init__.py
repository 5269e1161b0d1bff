"""The bundle (便携包): a folder that is ready to be copied to a stick, for machines without network and without Python.

``python -m toolkit.bundle`` makes it where there is a network; `launch` is what runs on the office's machine.
"""
