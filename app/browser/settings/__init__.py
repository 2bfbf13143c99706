"""What a person set: values, options of answers, API keys."""
