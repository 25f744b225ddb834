"""The models that a studio was given: loaded when first needed, and described for pages."""
