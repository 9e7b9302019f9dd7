# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by "selftest": what a scene with devices that come later leaves behind when
# all goes well, and each way in which it is wrong.

# hotplug_phase NAME SLOTS NODE [NODE...]: the records of one moment; what has a slot is
# the last node's
hotplug_phase()
{
	phase "$1" kvm "$2" 0 | sed "/^record=segment/s/\$/ node=${*: -1} dpa=0x0 partition=volatile/"
	printf "record=node phase=$1 node=%s kind=any\n" "${@:3}"
}

# hotplug_use NAME: what the guest says of one region
hotplug_use()
{
	cat <<-END
	STEP create-$1 ok $region committed
	STEP online-$1 ok $online
	EX $1 ok fill 530579456 of 536870912 bytes
	EX $1 ok signal fine
	STEP remove-$1 ok gone
	END
}

hotplug_good()
{
	{
		echo 'STEP nothing ok no device'
		echo 'STEP found-device ok 1 devices'
		hotplug_use device
		echo 'STEP found-switch ok 2 devices'
		hotplug_use switch
		echo 'STEP end ok'
	} >"$work/good/hotplug.console"
	{
		hotplug_phase booted 0 hb0
		hotplug_phase plug-late0 0 hb0 late0
		printf 'record=event outcome=committed node=%s decoder=0\n' late0 hb0
		hotplug_phase created-device 1 hb0 late0
		hotplug_phase exercised-device 1 hb0 late0
		hotplug_phase removed-device 0 hb0 late0
		hotplug_phase plug-sw0 0 hb0 sw0 late0 late1
		printf 'record=event outcome=committed node=%s decoder=0\n' late1 sw0 hb0
		hotplug_phase created-switch 1 hb0 sw0 late0 late1
		hotplug_phase exercised-switch 1 hb0 sw0 late0 late1
		hotplug_phase removed-switch 0 hb0 sw0 late0 late1
		echo 'record=exit status=0 seconds=1.000 text="the guest powered off"'
	} >"$work/good/hotplug.report"
	echo 0 >"$work/good/hotplug.status"
}

hotplug_refuses()
{
	accepts hotplug "devices that came later"
	refuses_each hotplug \
		'hotplug: no device at the beginning' hotplug.console '/^STEP nothing/s/ok/fail/' \
		'switch: the module has hb0 sw0' hotplug.report '/=node phase=plug-sw0 node=sw0/d'
	refuses_each hotplug \
		'hotplug: the module has hb0$' hotplug.report '/=node phase=booted/{p;s/hb0/late0/}' \
		'switch: finds the switch' hotplug.console '/^STEP found-switch/s/ok/fail/'
	refuses_each hotplug \
		'hotplug: the module has hb0 late0' hotplug.report '/=node phase=plug-late0 node=late0/d' \
		'switch: committed, says' hotplug.console '/^STEP create-switch/s/ok/fail/'
	refuses_each hotplug \
		'hotplug: finds the device' hotplug.console '/^STEP found-device/d' \
		'switch: 3 decoders' hotplug.report '/outcome=committed node=sw0/d'
	refuses_each hotplug \
		'hotplug: 2 decoders' hotplug.report '/committed node=late0/s/committed/refused/' \
		'switch: one KVM slot' hotplug.report '/=cxl phase=created-switch /s/slots=1/slots=2/'
	refuses_each hotplug \
		'hotplug: one KVM slot' hotplug.report '/=segment phase=created-device/s/0x20000000/0x10000000/' \
		'switch: what was plugged in' hotplug.report '/=segment phase=created-switch/s/late1/late0/'
	refuses_each hotplug \
		'hotplug: what was plugged in' hotplug.report '/=segment phase=created-device/s/dpa=0x0/dpa=0x10000000/' \
		'switch: system RAM' hotplug.console '/^STEP online-switch/s/bytes=536870912/bytes=268435456/'
	refuses_each hotplug \
		'hotplug: fill' hotplug.console '/^EX device ok fill/s/530579456/268435456/' \
		'switch: signal' hotplug.console '/^EX switch ok signal/d'
	refuses_each hotplug \
		'hotplug: no exit' hotplug.report '/=cxl phase=exercised-device/s/window=0/window=1/' \
		'switch: offline' hotplug.console '/^STEP remove-switch/s/ok/fail/'
	refuses_each hotplug \
		'hotplug: the slot is gone' hotplug.report '/=cxl phase=removed-device/s/slots=0/slots=1/' \
		'switch: came to its end' hotplug.status 's/0/124/'
}
