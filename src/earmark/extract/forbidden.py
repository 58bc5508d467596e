"""Modules that a program may not import, each with its reason: a label and a fairness rule, not a wall.

In: nothing. Out: names. What holds a program back is the sandbox; this list says which answers dodge the question by having something
else make the sound, so that they are counted as such. A module that is only missing (pyaudio, pygame, pydub) is not listed: the run
says so itself, and a program that wants to play instead of saving is a different fault.
"""

from collections.abc import Mapping

PROCESS = "starts other programs"
NETWORK = "reaches the network"
SPEECH = "has a speech engine talk"
MODEL = "has another model make the sound"
NATIVE = "calls native code past Python"

_BY_REASON = {
    PROCESS: "subprocess multiprocessing concurrent.futures.process asyncio.subprocess pty sh pexpect",
    NETWORK: "socket socketserver ssl urllib.request urllib3 requests httpx aiohttp http.client http.server ftplib smtplib poplib imaplib "
    "nntplib telnetlib xmlrpc websocket websockets paramiko wget pycurl gdown yt_dlp youtube_dl huggingface_hub kagglehub datasets boto3",
    SPEECH: "pyttsx3 gtts TTS edge_tts espeakng espeak py_espeak_ng phonemizer piper kokoro melo bark elevenlabs win32com comtypes "
    "google.cloud.texttospeech azure.cognitiveservices AppKit",
    MODEL: "openai anthropic google.generativeai google.genai litellm transformers diffusers audiocraft torchaudio.pipelines",
    NATIVE: "ctypes cffi",
}

# Looked up as the module itself or anything below it.
FORBIDDEN: Mapping[str, str] = {
    name: reason for reason, names in _BY_REASON.items() for name in names.split()
}
