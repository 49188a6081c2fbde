@echo off
rem The lem command on Windows. The build prepares what it starts: target\lem.jar and target\lib.
setlocal
set "here=%~dp0"
set "here=%here:~0,-1%"

if not exist "%here%\target\lem.jar" (
    echo lem: nothing is built yet in %here%; take the folder target from a build on Linux or macOS. 1>&2
    exit /b 1
)

set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
"%java%" --version >nul 2>nul
if errorlevel 1 (
    echo lem: %java% was not found; install a JDK 25 or later and set JAVA_HOME to its folder. 1>&2
    exit /b 1
)
set "version="
for /f "tokens=2" %%v in ('"%java%" --version') do if not defined version set "version=%%v"
for /f "delims=.-+" %%v in ("%version%") do set "version=%%v"
if %version% LSS 25 (
    echo lem: %java% is Java %version%, and LEM needs 25 or later; set JAVA_HOME to a JDK 25. 1>&2
    exit /b 1
)

rem LEM_JAVA_OPTS holds options for the JVM, separated by spaces.
"%java%" -XX:+UseSerialGC -Xshare:auto --enable-native-access=io.lethean.lem "-Dlem.home=%here%" %LEM_JAVA_OPTS% ^
    -p "%here%\target\lib" -m io.lethean.lem.cli/io.lethean.lem.cli.Lem %*
exit /b %errorlevel%
