"""Stock in files: the formats of other systems read and written."""
