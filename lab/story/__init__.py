"""The story of the main job, told by a lab that runs it: each step holds, or the story ends."""
