"""The entry points of other libraries, as thin functions over this one."""
