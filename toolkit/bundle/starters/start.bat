@echo off
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
set "GKNB_HERE=%~dp0"
set "GKNB_STARTER=%~nx0"
set GKNB_ARGUMENTS=%*
setlocal EnableDelayedExpansion
set "GKNB_COMMAND=!cmdcmdline!"
set "PROGRAM=!GKNB_HERE!gknb"
if not exist "!PROGRAM!\python.exe" goto incomplete
if /i "%PROCESSOR_ARCHITECTURE%"=="x86" if not defined PROCESSOR_ARCHITEW6432 goto old
ver | "%SystemRoot%\System32\find.exe" " 10.0." >nul
if errorlevel 1 goto old
set "DRIVE="
if "!GKNB_HERE:~{limit},1!"=="" goto run
for %%L in (Z Y X W V U T S R Q P O N M) do (
  if not defined DRIVE if not exist "%%L:\" (
    subst %%L: "!GKNB_HERE:~0,-1!" >nul 2>nul
    if exist "%%L:\gknb\python.exe" set "DRIVE=%%L:"
  )
)
if not defined DRIVE goto deep
set "PROGRAM=!DRIVE!\gknb"
:run
"!PROGRAM!\python.exe" -X utf8 -m toolkit.bundle.launch {job}
set "STATUS=!errorlevel!"
if defined DRIVE subst !DRIVE! /d >nul 2>nul
exit !STATUS!
:incomplete
echo 没有找到“gknb”文件夹里的 python.exe。
echo 请先把压缩包全部解压，或重新复制整个文件夹；被杀毒软件移走的，请恢复。
echo 详细的办法在“使用说明.txt”里。
goto failed
:old
echo 这台电脑的 Windows 太旧：要 64 位的 Windows 10 或更新的。
goto failed
:deep
echo 这个文件夹放得太深，路径太长。请把它移到浅一点的地方，例如 D 盘下面。
:failed
pause
exit 3
