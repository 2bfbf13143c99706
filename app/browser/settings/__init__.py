"""Settings of a person: values, options of answers, API keys.

Of the page it may import consent, web.
"""
