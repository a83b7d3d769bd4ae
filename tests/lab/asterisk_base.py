"""The configuration every private Asterisk of the lab starts from; callers add or replace files."""

MODULES = (  # noqa: SIM905 (a list of 80 lines reads worse)
    "res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject "
    "res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp res_rtp_asterisk "
    "res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_registrar "
    "res_pjsip_outbound_registration res_pjsip_endpoint_identifier_user "
    "res_pjsip_endpoint_identifier_ip res_pjsip_caller_id res_pjsip_nat res_pjsip_rfc3326 "
    "res_pjsip_logger res_pjsip_refer res_pjsip_diversion res_pjsip_dtmf_info chan_pjsip "
    "bridge_simple bridge_holding bridge_builtin_features bridge_softmix pbx_config "
    "res_parking app_confbridge app_directed_pickup "
    "app_dial app_queue app_playback app_playtones app_talkdetect app_waitforsilence app_read "
    "app_senddtmf app_mixmonitor "
    "app_stack app_exec app_verbose app_userevent app_system app_transfer app_channelredirect "
    "res_speech res_agi res_musiconhold res_manager_devicestate res_manager_presencestate "
    "codec_ulaw codec_alaw codec_a_mu codec_gsm codec_resample "
    "format_pcm format_gsm format_wav format_sln cdr_manager cel_manager app_cdr app_db "
    "func_callerid func_cdr func_channel func_cut func_db func_devstate func_global "
    "func_groupcount func_hangupcause func_logic func_math func_strings func_timeout func_env "
    "func_uri func_version func_pjsip_endpoint func_pjsip_contact func_pjsip_aor func_dialplan "
    "func_module func_config func_base64 app_sayunixtime"
).split()  # autoload=no: half the boot time, and no module that nobody asked for
# No bridge_native_rtp: it forwards the far side's sequence numbers, which jump when a bridge
# begins; in every second call the world's recorder then took the audio for old packets: silence.

MANAGER = """
[general]
enabled=yes
bindaddr=127.0.0.1
port=@AMI@
webenabled=no
timestampevents=yes
[lab]
secret=@SECRET@
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
read=all
write=all
writetimeout=5000
"""

PARKING = """
[general]
[default]
parkext=700
parkpos=701-720
context=parked
parkingtime=3
comebacktoorigin=yes
"""

FILES = {
    "asterisk.conf": """
[directories]
astetcdir => @ROOT@/etc
astmoddir => @MODULES@
astvarlibdir => @ROOT@/var/lib
astdbdir => @ROOT@/var/lib
astkeydir => @ROOT@/var/lib
astdatadir => @DATA@
astagidir => @ROOT@/agi
astspooldir => @ROOT@/var/spool
astrundir => @ROOT@/run
astlogdir => @ROOT@/var/log
astcachedir => @ROOT@/cache
astsbindir => @SBIN@
[options]
nocolor = yes
dontwarn = yes
documentation_language = en_US
verbose = 3
@OPTIONS@
""",
    "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={m}.so\n" for m in MODULES),
    "logger.conf": """
[general]
dateformat=%F %T.%3q
use_callids=yes
[logfiles]
full => notice,warning,error,verbose,dtmf
""",
    "rtp.conf": """
[general]
rtpstart=@RTP_FIRST@
rtpend=@RTP_LAST@
icesupport=no
strictrtp=yes
""",
    "cdr.conf": "[general]\nenable=yes\nunanswered=yes\ncongestion=yes\n",
    "cdr_manager.conf": "[general]\nenabled=yes\n[mappings]\n",
    "cel.conf": "[general]\nenable=yes\napps=dial,queue\nevents=ALL\n[manager]\nenabled=yes\n",
    "queues.conf": "[general]\n",  # app_queue declines to load without its file
    "queuerules.conf": "[general]\n",
    "acl.conf": "",
    "pjproject.conf": "[startup]\n",
    "stasis.conf": "[threadpool]\n",
    # What FreePBX and the sample files have: *2 attended transfer, ## blind, *8 picks up.
    "features.conf": "[general]\npickupexten=*8\n[featuremap]\nblindxfer=##\natxfer=*2\n",
    "res_parking.conf": PARKING,
    "confbridge.conf": "[general]\n[default_user]\ntype=user\n[default_bridge]\ntype=bridge\n",
    "ccss.conf": "[general]\n",
    "udptl.conf": "[general]\n",
    "musiconhold.conf": "[default]\nmode=files\ndirectory=@ROOT@/var/lib/moh\n",
    "indications.conf": """
[general]
country=us
[us]
description=US
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
""",
}

FOLDERS = (
    "etc", "var/lib/keys", "var/lib/moh", "var/spool/voicemail", "var/spool/tmp",
    "var/spool/outgoing", "var/log/cdr-csv", "var/log/cdr-custom", "run", "cache", "agi", "audio",
)  # fmt: skip
