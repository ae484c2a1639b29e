"""Everything between frameworks: agreement, reports, the command line."""
