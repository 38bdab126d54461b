"""Files in and out: sheets that set fields and stages, and exports that read back as they were (T26, R16)."""
