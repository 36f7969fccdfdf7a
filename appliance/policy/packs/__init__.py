"""Packs of patterns: what prompts are about, told by rules that everybody can read. Pure; the packs that come
with Carrel lie beside this file.
"""
