"""Indexes of any number of files: Parquet data sets that are made in parallel, appended to, and read by row group."""
