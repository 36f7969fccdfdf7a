"""What a student runs: OPENAI_BASE_URL and OPENAI_API_KEY are set, and nothing else. It asks when it is told
to: thirty laptops start their programs by themselves, and here one machine is all of them.
"""

import json
import sys
import time

from openai import OpenAI

client = OpenAI()
print("ready", flush=True)
input()
began_s = time.monotonic()
first_s = None
text = ""
for chunk in client.chat.completions.create(
    model="class-model", messages=[{"role": "user", "content": sys.argv[1]}], stream=True, max_tokens=32
):
    if chunk.choices and chunk.choices[0].delta.content:
        first_s = first_s or time.monotonic() - began_s
        text += chunk.choices[0].delta.content
print(json.dumps({"first_s": first_s, "words": len(text.split())}))
